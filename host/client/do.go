package client

import (
	"context"

	"github.com/sluice-run/sluice/host/wire"
)

// bufferedID is the request id of buffered requests. It need not be unique:
// only streams are told apart by it.
const bufferedID = "buffered-request"

// Do makes one request and returns the whole response. An error that the
// executor answered is a *wire.Error: errors.Is(err, wire.CodeDenied) tells a
// denial. req is not changed; its Stream is taken as false.
//
// If ctx ends first, Do returns; the executor may finish the request all the
// same.
func (c *Client) Do(ctx context.Context, req *Request) (*Response, error) {
	params := *req
	params.Stream = false
	if params.RequestID == "" {
		params.RequestID = bufferedID
	}
	var res Response
	err := c.peer.Call(ctx, wire.MethodHTTPRequest, &params, func(result []byte) error {
		var err error
		res, err = wire.DecodeHTTPResponse(result)
		return err
	})
	if err != nil {
		return nil, c.callError(err)
	}
	return &res, nil
}
