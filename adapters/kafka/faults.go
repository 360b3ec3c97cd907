package kafka

import (
	"errors"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// final are the errors of brokers that trying again does not help against.
var final = []error{
	kerr.ClusterAuthorizationFailed,
	kerr.FencedInstanceID,
	kerr.GroupAuthorizationFailed,
	kerr.GroupMaxSizeReached,
	kerr.InconsistentGroupProtocol,
	kerr.InvalidGroupID,
	kerr.InvalidSessionTimeout,
	kerr.InvalidTopicException,
	kerr.OffsetOutOfRange, // only without a place to begin from: see kgo.NoResetOffset
	kerr.SaslAuthenticationFailed,
	kerr.TopicAuthorizationFailed,
	kerr.UnknownTopicID, // the topic was deleted and created anew, and the client stays with the old one
	kerr.UnsupportedAssignor,
	kerr.UnsupportedSaslMechanism,
	kerr.UnsupportedVersion,
	kgo.ErrClientClosed,
}

// fatal reports whether an error that a poll has returned ends Run.
func fatal(err error) bool {
	return slices.ContainsFunc(final, func(f error) bool { return errors.Is(err, f) })
}

// place names what an error of a poll is about.
func place(topic string, partition int32) string {
	if topic == "" {
		return "the consumer"
	}
	return fmt.Sprintf("partition %d of the topic %q", partition, topic)
}
