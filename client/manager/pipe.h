/*
 * manager/pipe.h - two connected ends, and waiting for several things: multiprocessing.Pipe and
 * wait
 *
 * A part of <manager.h>, which includes it. Needs no daemon.
 *
 *      static int child(void *arg)
 *      {
 *              mgr_pipe_end *end = arg;
 *
 *              return mgr_pipe_send(end, "hello") < 0;
 *      }
 *      …
 *      mgr_pipe_end *parent_end, *child_end;
 *      mgr_process *p;
 *      mgr_value text;
 *
 *      mgr_pipe(&parent_end, &child_end, true);
 *      mgr_process_start(&p, child, child_end, NULL);
 *      mgr_pipe_free(child_end);                 the child has its own copy
 *      if (mgr_pipe_recv(parent_end, MGR_FOREVER, &text) == 0) {
 *              printf("%s\n", mgr_cstr(&text));
 *              mgr_value_clear(&text);
 *      }
 *
 * Ends and processes. A child of fork() has a copy of every end, and either may use it. While any
 * process has an end, the pipe is open there: free in each process the ends that it does not
 * need, or nobody is ever told that the other side is gone. Processes may take turns with one end;
 * who sends long messages or receives at the same time as another needs a lock, as in Python.
 *
 * Ends and threads. At a time one thread may send and one receive by the same end.
 *
 * Messages are values, bytes or descriptors; they arrive whole and in order. The framing is that of
 * Python's Connection: bytes may be exchanged with one that has the same descriptor (send_bytes()
 * and recv_bytes() there); descriptors with multiprocessing.reduction's send_handle() and
 * recv_handle(); and values with who packs them as PROTOCOL.md says, not with send() and recv(),
 * which pickle. A message takes at most 2 GiB - 1 bytes.
 *
 * Errors. MGR_EEOF: nobody has the other end any more, and all that was sent has been received;
 * of sending: nobody could receive it (no SIGPIPE). What was received when an end is freed, and
 * not asked for, is lost. MGR_ERUNTIME: the end is not for this direction. MGR_ESYSTEM: a system
 * call failed, which mgr_errmsg() names.
 */
#pragma once

#include "../manager.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/* -- Pipes -------------------------------------------------------------------------------- */

/*
 * Makes a pipe: Pipe(duplex). Its two ends are the caller's, until mgr_pipe_free(). With `duplex`
 * both send and receive; without, `a` only receives and `b` only sends. (In Python duplex is the
 * default.) Does not block. MGR_ESYSTEM where descriptors are short.
 */
int mgr_pipe(mgr_pipe_end **a, mgr_pipe_end **b, bool duplex);

/*
 * Makes an end of a connected stream socket, of any family: one that accept() returned, one of a
 * socketpair() whose other descriptor went to another program, that of Python's Connection. It
 * sends and receives. The end owns the descriptor from then on, and sets its close-on-exec flag; on
 * failure it is the caller's as before. Whether it blocks is left as it is, and does not
 * matter. MGR_EARGUMENT where it is no such socket (two descriptors of pipe(2) are none). Python:
 * Connection(handle).
 */
int mgr_pipe_adopt(int fd, mgr_pipe_end **end);

/* Closes this process's copy of an end: Connection.close(). NULL is fine. */
void mgr_pipe_free(mgr_pipe_end *end);

/*
 * The descriptor of an end, which stays its own: Connection.fileno(). For poll() and its like; it
 * is readable whenever something is there, but where a call below left some behind: one that timed
 * out in the middle of a message, one that asked for another kind of message than was there.
 * mgr_pipe_poll() and mgr_wait() know. -1 for NULL.
 */
int mgr_pipe_fd(const mgr_pipe_end *end);

/*
 * Sends a value: Connection.send(). mgr_pipe_send() takes any basic type. Waits for as long as the
 * other side does not receive what was sent before and there is no more room in between, some
 * 200 KiB: two that both send much before they receive wait for ever.
 *
 * Proxies travel, too, of one manager in a message: the daemon holds their objects for 60 seconds,
 * whatever becomes of the sender, and after that as long as anybody else does. It takes one call
 * to the daemon to send them (its errors may come) and one to receive them. MGR_EARGUMENT for
 * proxies of two managers, MGR_EUNICODE for a text that is not UTF-8, MGR_ETOO_LARGE; then
 * nothing was sent.
 */
int mgr_pipe_send_value(mgr_pipe_end *end, const mgr_value *value);

/*
 * Receives a value, which is the caller's: Connection.recv(), which has no timeout. Waits for at
 * most `timeout` seconds until a whole message is there: MGR_ETIMEOUT; what has arrived of it is
 * kept for the next call. mgr_pipe_recv() has an output of any basic type; where the value does
 * not fit (MGR_ETYPE), it is lost.
 *
 * MGR_EPROTOCOL: the message is no value, perhaps it was sent by mgr_pipe_send_bytes(); it is
 * lost. Or what arrives are no messages at all: then so say all later calls, too. Memory is taken
 * as bytes arrive, not as a header promises. MGR_ETYPE: there is a descriptor instead, which is
 * left to mgr_pipe_recv_fd(). Of a message with proxies: MGR_ECONNECT where this process has no
 * manager of the same address, MGR_ENO_OBJECT where they arrived too late, and the errors of a
 * call; the message is lost. After MGR_ENOMEM it is not.
 */
int mgr_pipe_recv_value(mgr_pipe_end *end, double timeout, mgr_value *value);

/*
 * Bytes as they are, as one message: Connection.send_bytes(). As mgr_pipe_send_value(). Data may be
 * NULL where its size is 0.
 */
int mgr_pipe_send_bytes(mgr_pipe_end *end, const void *data, size_t size);

/*
 * Receives any message as bytes, a value of kind bytes, which is the caller's:
 * Connection.recv_bytes(). As mgr_pipe_recv_value(), but no message is wrong; proxies in it are
 * not received, and mgr_value_unpack() finds none of use.
 */
int mgr_pipe_recv_bytes(mgr_pipe_end *end, double timeout, mgr_value *bytes);

/*
 * Whether there is something to receive, waiting for it for at most `timeout` seconds: 1, or 0.
 * Connection.poll(). The end of the pipe counts. A message may be there in part: who must not wait
 * receives it with a timeout.
 */
int mgr_pipe_poll(mgr_pipe_end *end, double timeout);

/*
 * Sends a descriptor, in order with the messages: multiprocessing.reduction.send_handle(). It is
 * copied: the receiver gets one of its own, and the sender's may be closed at once. MGR_ESYSTEM,
 * also where it is no open descriptor; MGR_ERUNTIME where the end is no Unix socket, which those of
 * mgr_pipe() are.
 */
int mgr_pipe_send_fd(mgr_pipe_end *end, int fd);

/*
 * Receives a descriptor, which is the caller's to close(), with close-on-exec set: recv_handle().
 * Waits as mgr_pipe_recv_value(). MGR_ETYPE: there is a message instead, which is left to
 * mgr_pipe_recv_value(). MGR_ESYSTEM also where this process may not have more descriptors: then it
 * is lost.
 */
int mgr_pipe_recv_fd(mgr_pipe_end *end, double timeout, int *fd);

/* -- Waiting for several things ----------------------------------------------------------- */

/*
 * One thing to wait for: make it with a function below. It borrows what it is about. `ready` is
 * for the caller to read, `user` is all the caller's; the array may be rearranged between waits.
 */
typedef struct mgr_waitable {
        int kind;           /* private, as `object` and `fd` */
        bool ready;         /* afterwards: it is */
        const void *object; /* borrowed */
        int fd;
        void *user; /* NULL at first; never looked at */
        void *reserved[2];
} mgr_waitable;

/* An end of a pipe: ready when mgr_pipe_poll() is 1. */
mgr_waitable mgr_wait_pipe(const mgr_pipe_end *end);

/*
 * A process: ready when it has ended. Python: Process.sentinel. A child, or mgr_parent_process();
 * the errors of mgr_process_sentinel() for others.
 */
mgr_waitable mgr_wait_process(const mgr_process *process);

/*
 * A managed queue, which Python cannot wait for: ready when mgr_queue_poll() is 1, that is, when
 * there is an item to get, or it was shut down. Nothing is taken out: somebody else may get the
 * item first, so get it with a timeout of 0 and go on waiting after MGR_EEMPTY.
 */
mgr_waitable mgr_wait_queue(const mgr_queue *queue);

/* Any descriptor: ready when it can be read without waiting, or has failed. */
mgr_waitable mgr_wait_fd(int fd);

/*
 * Waits until one of n things is ready, for at most `timeout` seconds: how many are, which have
 * `ready` set then (those of the others are cleared); or MGR_ETIMEOUT. multiprocessing.
 * connection.wait(), which returns a list. Without any (n is 0) it waits in vain, as Python does,
 * with MGR_FOREVER for ever. The same thing may stand there twice.
 *
 * After an error none is set. MGR_EARGUMENT: one of them is not there to be waited for: NULL, a
 * descriptor that is not open; MGR_ERUNTIME: an end that only sends. An error of one queue, such as
 * MGR_ENO_OBJECT, ends the wait for all; MGR_ECANCELLED or MGR_EGONE where its daemon ends.
 *
 * Queues cost one call to the daemon, for all of a manager, by this thread's connection; and
 * another one where there are some that still have to wait when it is over. Where a manager of
 * theirs has MGR_INTERRUPTIBLE a signal ends the wait: MGR_EINTERRUPTED. Everything else costs one
 * system call.
 */
int mgr_wait(mgr_waitable *what, size_t n, double timeout);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

MGR_DEFINE_OUT(mgr_pipe_recv, (mgr_pipe_end * end, double timeout, mgr_out out),
               (end, timeout, &value))

#define mgr_pipe_send(end, value)        mgr_pipe_send_value((end), MGR_IN(value))
#define mgr_pipe_recv(end, timeout, out) mgr_pipe_recv_out((end), (timeout), MGR_OUT(out))
