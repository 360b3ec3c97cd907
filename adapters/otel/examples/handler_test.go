package examples

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	desyncotel "github.com/go-desync/go-desync/adapters/otel"
	"github.com/go-desync/go-desync/desync"
)

// A handler takes an order, answers, and leaves the mail to a job in the background. The
// spans of all of it are one trace.
func Example_handler() {
	spans := tracetest.NewInMemoryExporter() // a program exports them
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	tracer := provider.Tracer("shop")

	tracing := desync.WithObserver(desyncotel.Tracing(provider))
	stock := desync.New(3, desync.WithName("stock"), tracing)
	mails := desync.New([]string(nil), desync.WithName("mails"), tracing)

	order := func(w http.ResponseWriter, r *http.Request) {
		left, err := stock.SyncContext(r.Context(), func(ctx context.Context, n *int) (int, error) {
			_, span := tracer.Start(ctx, "UPDATE stock") // as the driver of a database does it
			defer span.End()
			*n--
			return *n, nil
		})
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		// The context of a request ends with the handler. The job may run later.
		mails.FutureContext(context.WithoutCancel(r.Context()), func(ctx context.Context, sent *[]string) (any, error) {
			_, span := tracer.Start(ctx, "SMTP send")
			defer span.End()
			*sent = append(*sent, "thank you")
			return nil, nil
		})
		fmt.Fprintln(w, "left:", left)
	}
	server := otelhttp.NewHandler(http.HandlerFunc(order), "POST /order", otelhttp.WithTracerProvider(provider))

	resume := mails.Suspend() // the mail server is slow
	response := httptest.NewRecorder()
	server.ServeHTTP(response, httptest.NewRequest(http.MethodPost, "/order", nil))
	fmt.Print(response.Body)
	resume()
	mails.Do(func(sent *[]string) { fmt.Println("sent:", *sent) })

	all := spans.GetSpans()
	slices.SortStableFunc(all, func(a, b tracetest.SpanStub) int { return a.StartTime.Compare(b.StartTime) })
	printTree(all, trace.SpanID{}, 0)
	// Output:
	// left: 2
	// sent: [thank you]
	// POST
	//   do stock
	//     UPDATE stock
	//   future mails
	//     SMTP send
}

// printTree prints the spans below a span, which are in the order in which they began.
func printTree(spans tracetest.SpanStubs, parent trace.SpanID, depth int) {
	for _, s := range spans {
		if s.Parent.SpanID() == parent {
			fmt.Printf("%s%s\n", strings.Repeat("  ", depth), s.Name)
			printTree(spans, s.SpanContext.SpanID(), depth+1)
		}
	}
}
