package rpc_test

// Signs of life.

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/host/rpc"
)

func TestPingThatIsNotAnsweredEndsTheConversation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ch := newDeafChannel(2)
		begin := time.Now()
		_, ended := start(t, ch, &handlers{}, &rpc.Options{PingInterval: 10 * time.Second, PingTimeout: 3 * time.Second})
		closed := requireClosed(t, <-ended)
		require.Equal(t, rpc.CloseAbnormal, closed.Code)
		require.EqualError(t, closed, "connection lost: the other side does not answer pings")
		require.Equal(t, 33*time.Second, time.Since(begin), "two answered, the third not")
		require.Equal(t, rpc.CloseAbnormal, ch.code, "there is nobody to tell")
	})
}

func TestPingDefaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		_, ended := start(t, newDeafChannel(0), &handlers{}, &rpc.Options{})
		requireClosed(t, <-ended)
		require.Equal(t, 50*time.Second, time.Since(begin), "30 s of silence and 20 s of patience")
	})
}

func TestPingCanBeTurnedOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ch := newDeafChannel(0)
		p, _ := start(t, ch, &handlers{}, noPings)
		time.Sleep(24 * time.Hour)
		require.NoError(t, p.Err())
		require.Zero(t, ch.pings)
	})
}

func TestCloseDuringAPing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, ended := start(t, newDeafChannel(0), &handlers{}, &rpc.Options{PingInterval: time.Second, PingTimeout: time.Hour})
		time.Sleep(2 * time.Second)
		begin := time.Now()
		p.Close(rpc.CloseNormal, "enough")
		require.Equal(t, rpc.CloseNormal, requireClosed(t, <-ended).Code)
		require.Zero(t, time.Since(begin))
	})
}
