package app

import (
	"io"
	"log/slog"
)

// NewLog makes a log that writes to w.
func NewLog(w io.Writer, settings LogSettings) *slog.Logger {
	options := &slog.HandlerOptions{Level: settings.Level}
	if settings.JSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
