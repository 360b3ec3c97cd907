package natsmap

import "encoding/json"

// A Codec turns states, inputs and results into bytes and back. Its methods are called by many
// goroutines at once. What Unmarshal has made of bytes must not refer to them.
type Codec interface {
	// Name says which codec it is, in the description of the family on the server.
	Name() string
	Marshal(v any) ([]byte, error)
	Unmarshal(data []byte, v any) error
}

// WithCodec sets the codec, which is [JSON] without it. A family keeps the codec that it was
// first opened with.
//
// WithCodec panics if c is nil.
func WithCodec(c Codec) Option {
	if c == nil {
		panic("natsmap: WithCodec: the codec is nil")
	}
	return func(cfg *config) { cfg.codec = c }
}

// JSON is the codec of encoding/json.
type JSON struct{}

// Name returns json.
func (JSON) Name() string { return "json" }

// Marshal is json.Marshal.
func (JSON) Marshal(v any) ([]byte, error) { return json.Marshal(v) }

// Unmarshal is json.Unmarshal.
func (JSON) Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }
