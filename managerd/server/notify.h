/*
 * notify - telling whoever started the daemon how it is
 *
 * systemd's two protocols, which are small: descriptors handed over by socket
 * activation, and a datagram when the daemon is ready or about to end.
 */
#pragma once

/*
 * The listening socket that was handed over, -1 where none was, or a negative status
 * below that after logging: more than one is refused.
 */
int notify_take_socket(void);

/*
 * A descriptor for notify_send(), where $NOTIFY_SOCKET says so; else -1. Connected
 * already: later there is a sandbox that lets nobody reach other sockets.
 */
int notify_open(void);

/* Sends a state such as "READY=1". Never fails visibly; does nothing where fd is -1. */
void notify_send(int fd, const char *state);
