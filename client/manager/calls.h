/*
 * manager/calls.h - many calls under way at once, and an application's own event loop
 *
 * A part of <manager.h>, which includes it. The C answer to coroutines: one thread starts as many
 * calls as it likes, each may wait at the daemon for as long as it has to, and what it has become
 * is told by a callback, or asked for by a handle. Python's Manager has nothing like it.
 *
 *      static void got(void *arg, int error, const mgr_value *item)
 *      {
 *              if (error == 0)
 *                      printf("%s: %s\n", (const char *)arg, mgr_cstr(item));
 *      }
 *      …
 *      mgr_calls *calls;
 *
 *      mgr_calls_new(m, &calls);
 *      mgr_calls_queue_get(calls, red, MGR_FOREVER, got, "red", NULL);
 *      mgr_calls_queue_get(calls, blue, MGR_FOREVER, got, "blue", NULL);
 *      while (mgr_calls_wait(calls, MGR_FOREVER) > 0)
 *              ;                               until both are done
 *      mgr_calls_free(calls);
 *
 * An event loop instead of the last loop watches mgr_fd() for mgr_events(), and calls
 * mgr_process_events() when there are some: see examples/in_flight.c.
 *
 * Session. An mgr_calls is a session of its own with the daemon, over a connection of its own.
 * The blocking calls of the thread go over another one, and neither disturbs the other. What is
 * acquired by calls in flight is held by this session: it is released by calls in flight (or, a
 * Lock and a semaphore, by anybody), and is lost with the session. Items of a queue with
 * redelivery are in flight with this session, too. There is no MGR_EOWNER_LOST: where the
 * connection is lost the session ends for good, all its calls fail, and it is made anew by
 * mgr_calls_free() and mgr_calls_new().
 *
 * Threads. An mgr_calls and its calls belong to one thread at a time, which may be another one
 * later, where the program synchronizes the two. Nothing ends with a thread.
 *
 * Fork. In a child its calls are the parent's, who goes on with them: the descriptor is closed,
 * functions fail with MGR_EGONE, and no callback runs. To free all of it is fine, and the outcome
 * of calls that were done before can be read.
 *
 * Timeouts are kept by the daemon. mgr_options.call_timeout does not apply: whoever does not want
 * to wait for a daemon that does not answer gives mgr_calls_wait() a timeout.
 */
#pragma once

#include "../manager.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/* -- Calls in flight ---------------------------------------------------------------------- */

/*
 * A call has ended. `error` is what the blocking function of its kind would have returned: 0; above
 * 0, such as MGR_OWNER_DIED; or an error below 0, then *result is None, and mgr_errmsg() and its
 * like tell more. *result is borrowed: to keep it, mgr_value_copy().
 *
 * Runs within mgr_process_events(), mgr_calls_wait(), mgr_call_wait() or mgr_calls_free(), in the
 * thread that calls these; exactly once for each call that was started, whatever becomes of it,
 * but not in a forked child. It may start, cancel and free calls, make blocking calls, and fork;
 * also free the mgr_calls, which then happens when all this returns. It must not wait for calls in
 * flight of the same mgr_calls: MGR_ERUNTIME.
 */
typedef void mgr_call_done(void *arg, int error, const mgr_value *result);

/* Opens a session: connects to the daemon. MGR_ECONNECT and the like. */
int mgr_calls_new(mgr_manager *m, mgr_calls **calls);

/*
 * Ends the session, and with it all that is under way: calls end as if the connection had been
 * lost, with MGR_EGONE or MGR_EUNKNOWN_OUTCOME; what was not sent is not sent any more. Handles
 * stay good until they are freed. The manager may have been freed before: that ends the session,
 * too, which the next mgr_process_events() tells.
 */
void mgr_calls_free(mgr_calls *calls);

/*
 * Calls that are started from now on are those of a task: an owner of locks of its own within the
 * session, so that several coroutines of one thread exclude each other by the same RLock. `task`
 * names it, is copied, and takes at most 45 bytes of UTF-8; NULL: they are the session's own again,
 * which is another owner. What a task has acquired is to be released by the same task. MGR_EVALUE
 * where it is too long, MGR_EUNICODE.
 */
int mgr_calls_set_task(mgr_calls *calls, const char *task);

/* How many calls are under way. */
size_t mgr_calls_len(const mgr_calls *calls);

/*
 * The descriptor to watch, the same until mgr_calls_free(), which closes it. Not to be read,
 * written or closed. MGR_EGONE in a forked child.
 */
int mgr_fd(const mgr_calls *calls);

/*
 * What to watch it for, as in poll() and epoll_ctl(): POLLIN, and POLLOUT while there are requests
 * that the socket had no room for. That may change with each call that is started or cancelled and
 * with mgr_process_events(): so ask again after these. 0 when the session was lost. To be watched
 * by level, as poll() does: with EPOLLET what is left is not told of again.
 */
int mgr_events(const mgr_calls *calls);

/*
 * Sends, reads what has arrived, and completes calls: how many, 0 where there is nothing to do. It
 * never waits, and does no more than to read once, so that callbacks that start further calls
 * return to the loop in between.
 *
 * Where the session is lost, all calls that were under way end first, those of which nobody can
 * know whether they were made with MGR_EUNKNOWN_OUTCOME, the others with MGR_EGONE; then that is
 * returned, MGR_EGONE or MGR_EPROTOCOL, now and from now on, and the descriptor is to be taken out
 * of the loop. MGR_ENOMEM loses nothing: it may be called again, without waiting for events.
 */
int mgr_process_events(mgr_calls *calls);

/*
 * For programs without a loop: waits until at least one call has ended, for at most `timeout`
 * seconds, and returns how many have; 0 where none is under way. MGR_ETIMEOUT; MGR_EINTERRUPTED,
 * see MGR_INTERRUPTIBLE, which ends the wait and no call; else the errors of mgr_process_events().
 */
int mgr_calls_wait(mgr_calls *calls, double timeout);

/* -- Starting a call ---------------------------------------------------------------------- */

/*
 * Starts proxy.method(*args), of any method, as mgr_proxy_call() makes it. It is sent at once as
 * far as the socket takes it, the rest by the functions above. Arguments are copied, the proxy and
 * proxies in arguments are kept until the call ends. Calls are made in the order in which they were
 * started, and end in any order.
 *
 * `done` may be NULL, for who uses the handle, or is not interested. *call becomes a handle, to be
 * freed; `call` may be NULL, for who uses the callback. Both are fine, too. What fails here was not
 * started, and no callback runs: MGR_EGONE where the session was lost, MGR_ETOO_LARGE.
 */
int mgr_calls_start(mgr_calls *calls, const mgr_proxy *proxy, const char *method,
                    const mgr_value *args, size_t n_args, mgr_call_done *done, void *arg,
                    mgr_call **call);

/*
 * The methods that wait, each as the blocking function of its name, with the same timeout in
 * seconds, errors, and meaning of what is above 0. MGR_EVALUE of a timeout is told at once. The
 * result is None but where it is said. A lock's fence and dead_pid: mgr_call_grant().
 *
 * These are no deadlock (MGR_EDEADLOCK) that the daemon could see: who has other calls under way
 * may yet release something. A Condition is waited for by the task that has its lock, and the call
 * ends when it has it again; so also after mgr_call_cancel(), with MGR_ECANCELLED.
 */

/* Puts an item. mgr_calls_queue_put() takes any basic type. */
int mgr_calls_queue_put_value(mgr_calls *calls, const mgr_queue *q, const mgr_value *item,
                              double timeout, mgr_call_done *done, void *arg, mgr_call **call);

/*
 * The result is the item; a list of at most n items; and a list [item, how often it has been
 * delivered]. Several of them are served in the order in which they were started.
 */
int mgr_calls_queue_get(mgr_calls *calls, const mgr_queue *q, double timeout, mgr_call_done *done,
                        void *arg, mgr_call **call);
int mgr_calls_queue_get_many(mgr_calls *calls, const mgr_queue *q, size_t n, double timeout,
                             mgr_call_done *done, void *arg, mgr_call **call);
int mgr_calls_queue_get_delivery(mgr_calls *calls, const mgr_queue *q, double timeout,
                                 mgr_call_done *done, void *arg, mgr_call **call);

/* 1 or 0 instead of an error: there is something to get, or not. */
int mgr_calls_queue_poll(mgr_calls *calls, const mgr_queue *q, double timeout, mgr_call_done *done,
                         void *arg, mgr_call **call);

int mgr_calls_queue_join(mgr_calls *calls, const mgr_queue *q, double timeout, mgr_call_done *done,
                         void *arg, mgr_call **call);

/* The result is the element. */
int mgr_calls_list_take(mgr_calls *calls, const mgr_list *l, double timeout, mgr_call_done *done,
                        void *arg, mgr_call **call);

int mgr_calls_event_wait(mgr_calls *calls, const mgr_event *e, double timeout, mgr_call_done *done,
                         void *arg, mgr_call **call);

/*
 * The result is the index, an int; or 1 and None, where the action is the caller's to run: then
 * "finish" is to be called by the same session and task.
 */
int mgr_calls_barrier_wait(mgr_calls *calls, const mgr_barrier *b, double timeout,
                           mgr_call_done *done, void *arg, mgr_call **call);

int mgr_calls_lock_acquire(mgr_calls *calls, const mgr_lock *lock, double timeout,
                           mgr_call_done *done, void *arg, mgr_call **call);
int mgr_calls_rlock_acquire(mgr_calls *calls, const mgr_rlock *lock, double timeout,
                            mgr_call_done *done, void *arg, mgr_call **call);
int mgr_calls_semaphore_acquire(mgr_calls *calls, const mgr_semaphore *s, double timeout,
                                mgr_call_done *done, void *arg, mgr_call **call);
int mgr_calls_condition_acquire(mgr_calls *calls, const mgr_condition *c, double timeout,
                                mgr_call_done *done, void *arg, mgr_call **call);
int mgr_calls_condition_wait(mgr_calls *calls, const mgr_condition *c, double timeout,
                             mgr_call_done *done, void *arg, mgr_call **call);

/* -- One call ----------------------------------------------------------------------------- */

/* Whether it has ended: 1 or 0. Does not look for news. */
int mgr_call_is_done(const mgr_call *call);

/*
 * Waits until this call has ended, for at most `timeout` seconds: 0, whatever has become of it.
 * Others that end meanwhile are completed, too. MGR_ETIMEOUT: it is under way still;
 * MGR_EINTERRUPTED, MGR_ENOMEM, and MGR_EGONE in a forked child.
 */
int mgr_call_wait(mgr_call *call, double timeout);

/*
 * What the callback is told, of a call that has ended: returns `error`, and sets mgr_errmsg(). The
 * result goes over to the caller, once: the second time it is None. `result` may be NULL. Under way
 * it is MGR_ERUNTIME.
 */
int mgr_call_result(mgr_call *call, mgr_value *result);

/*
 * What there is to know of a lock or permit, of a call that has acquired it: 0 or MGR_OWNER_DIED.
 * Also from its callback. MGR_ERUNTIME while it is under way.
 */
int mgr_call_grant(const mgr_call *call, mgr_grant *grant);

/*
 * Asks the daemon to end the wait: the call ends soon, with MGR_ECANCELLED, then it had no effect,
 * or with its outcome, if that came first; once in any case. A call that has ended stays as it is.
 */
int mgr_call_cancel(mgr_call *call);

/*
 * Gives back the handle. A call that is under way goes on: its callback runs all the same, and
 * without one what it returns is dropped when it comes. To stop it: mgr_call_cancel() first.
 */
void mgr_call_free(mgr_call *call);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#define mgr_calls_queue_put(calls, q, item, timeout, done, arg, call)                              \
        mgr_calls_queue_put_value((calls), (q), MGR_IN(item), (timeout), (done), (arg), (call))
