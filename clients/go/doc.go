// Package annals records audit events in an Annals log, without ever making its host wait.
package annals
