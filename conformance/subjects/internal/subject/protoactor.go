package subject

import (
	"log/slog"
	"sync"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/go-desync/go-desync/conformance"
)

func protoActor() Subject {
	const (
		module     = "github.com/asynkron/protoactor-go"
		supervised = "“always issues a actor.RestartDirective for failing actors”"
	)
	system := sync.OnceValue(func() *actor.ActorSystem {
		return actor.NewActorSystem(actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger {
			return slog.New(slog.DiscardHandler)
		}))
	})
	return Subject{
		Name: "protoactor",
		Factory: conformance.Factory{
			Info: conformance.Implementation{Name: "protoactor", Version: version(module), URL: "https://" + module},
			New: func(conformance.Setup) (conformance.Object, error) {
				root := system().Root
				return &actorObject{root: root, pid: root.Spawn(actor.PropsFromProducer(func() actor.Actor {
					return new(jobActor)
				}))}, nil
			},
			Features: map[conformance.Feature]conformance.Claim{
				conformance.FeatureCaller: conformance.Unsupported("“Messages are sent to the mailbox and then forwarded to the actor to process.”"),
				conformance.FeaturePanics: conformance.Unsupported(supervised),
				conformance.FeatureCrash:  conformance.Unsupported(supervised),
				conformance.FeatureGoexit: conformance.Unsupported("the documentation does not speak of runtime.Goexit, which stops the mailbox"),
				conformance.FeatureFuture: conformance.Unsupported("the Result of a Future takes no context"),
				conformance.FeatureClose:  conformance.Unsupported("Send does not say whether a message will be received"),
			},
		},
		Skips: map[string]string{
			"LEAK-2/queue": "the documentation does not say that the memory of a long mailbox goes back, and it does not",
		},
	}
}

// jobActor owns a State, and its messages are jobs.
type jobActor struct {
	state conformance.State
}

func (a *jobActor) Receive(c actor.Context) {
	job, ok := c.Message().(func(*conformance.State))
	if !ok {
		return // of the actor's life
	}
	job(&a.state)
	if c.Sender() != nil {
		c.Respond(true)
	}
}

type actorObject struct {
	root *actor.RootContext
	pid  *actor.PID
}

func (o *actorObject) Async(job func(*conformance.State)) { o.root.Send(o.pid, job) }

func (o *actorObject) Do(job func(*conformance.State)) {
	const noTimeout = -1
	_ = o.root.RequestFuture(o.pid, job, noTimeout).Wait()
}
