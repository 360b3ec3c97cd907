// Package natsmap is a desync.Map whose objects live on NATS JetStream.
package natsmap
