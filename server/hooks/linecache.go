package hooks

import (
	"context"
	"sync"
	"time"

	"sidetext/chat"
)

// A LineCache caches line configs by endpoint: each text of a busy line needs one.
// Every node sees a change of the settings within lineCacheTime.
type LineCache struct {
	Find func(ctx context.Context, endpoint string) (chat.LineConfig, error)

	mu     sync.Mutex
	lines  map[string]cachedLine
	resets int // what was read before the last reset is not cached
}

type cachedLine struct {
	chat.LineConfig
	until time.Time
}

const (
	lineCacheTime  = time.Second
	maxCachedLines = 10_000
)

// Get returns the line at endpoint. Only lines that exist are cached, so that
// requests for invented addresses don't fill the memory.
func (l *LineCache) Get(ctx context.Context, endpoint string, now time.Time) (chat.LineConfig, error) {
	l.mu.Lock()
	cached, ok := l.lines[endpoint]
	resets := l.resets
	l.mu.Unlock()
	if left := cached.until.Sub(now); ok && left > 0 && left <= lineCacheTime { // longer: the clock was set back
		return cached.LineConfig, nil
	}
	line, err := l.Find(ctx, endpoint)
	if err != nil {
		return line, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.resets != resets {
		return line, nil
	}
	if l.lines == nil || len(l.lines) >= maxCachedLines {
		l.lines = map[string]cachedLine{}
	}
	l.lines[endpoint] = cachedLine{line, now.Add(lineCacheTime)}
	return line, nil
}

// Reset empties the cache, after a change that must be seen at once, such as a new
// token.
func (l *LineCache) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines, l.resets = nil, l.resets+1
}
