/*
 * manager/pool.h - workers that run tasks: Python's multiprocessing.Pool
 *
 * A part of <manager.h>, which includes it. mgr_pool_new() needs no daemon.
 *
 *      static int square(const mgr_value *args, size_t n_args, mgr_value *result)
 *      {
 *              int64_t x;
 *              int r = n_args == 1 ? mgr_value_get_int(&args[0], &x) : MGR_ETYPE;
 *
 *              if (r == 0)
 *                      *result = mgr_int(x * x);
 *              return r;
 *      }
 *      …
 *      mgr_pool *pool;
 *      long long nine;
 *
 *      mgr_pool_new(&pool, NULL);                          pool = Pool()
 *      mgr_pool_apply(pool, square, &nine, 3);             nine = pool.apply(square, (3,))
 *      mgr_pool_map(pool, square, items, n, 0, results);   results = pool.map(square, items)
 *      mgr_pool_free(pool);
 */
#pragma once

#include "../manager.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/*
 * What a worker runs: the `func` of Python's Pool. `args` are borrowed until it returns. *result
 * is None at first, and what it is made belongs to the library afterwards: an mgr_value that owns
 * something is cleared by it, one that borrows text or a proxy must borrow what outlives the
 * return: an argument, or something that stays. *result = args[0] is fine.
 *
 * Returns 0 (or above), or an error below 0, which fails the task: whoever asked for it is told
 * this thread's last error, as a function of the library or mgr_raise() has set it, with message,
 * Python's name and value, if it is the one that is returned; else the number that is.
 */
typedef int mgr_function(const mgr_value *args, size_t n_args, mgr_value *result);

/* A function by its address, for workers that were forked from here, or by its name. */
typedef struct mgr_callable {
        mgr_function *function;
        const char *name;
} mgr_callable;

/*
 * Gives a function a name by which tasks can ask for it: for workers that are no children of
 * whoever asks, both programs register the same names, at best first of all. The name, 1 to 255
 * bytes of UTF-8, is copied, and stays for as long as the process; forked children have it, too.
 * From any thread. The same again is fine; MGR_EVALUE where the name is another function's.
 * A function may have several names. Needs no manager.
 */
int mgr_function_register(const char *name, mgr_function *function);

typedef struct mgr_pool_options {
        size_t size;             /* sizeof(mgr_pool_options), so that members can be added */
        size_t n_workers;        /* default 0: as many as this process may use processors */
        mgr_target *initializer; /* run first in each worker; what it returns must be 0 */
        void *initializer_arg;
        size_t max_tasks_per_child; /* a worker ends after so many and another one comes; a chunk
                                     * counts as one, as in Python; 0: never */
        size_t max_retries;         /* how often a task is run again whose worker died; default 0:
                                     * it fails with MGR_EWORKER_LOST */
        void *reserved[4];
} mgr_pool_options;

#define MGR_POOL_OPTIONS_INIT                                                                      \
        {                                                                                          \
                sizeof(mgr_pool_options), 0, NULL, NULL, 0, 0,                                     \
                {                                                                                  \
                        NULL, NULL, NULL, NULL                                                     \
                }                                                                                  \
        }

/*
 * What is called when a result is there: `done` with the result, `failed` with what
 * mgr_result_get() would return and the message; each may be NULL, and the struct is copied. They
 * run in whatever thread then waits at the pool, or pumps, see mgr_pool_pump(), one after the
 * other in each thread, and may call any function of the pool: submit more, get results, even free
 * it. A job's callback comes before its result: who is told that it is ready may rely on it.
 */
typedef struct mgr_callbacks {
        void (*done)(void *arg, const mgr_value *result);
        void (*failed)(void *arg, int error, const char *message);
        void *arg;
} mgr_callbacks;

/* -- A pool's life -------------------------------------------------------------------------- */

/*
 * Starts workers: Pool(processes, initializer, initargs, maxtasksperchild). They are forked from
 * here, now, as daemonic processes (see mgr_process_options): they know what this process knows at
 * this moment, end with it, and have no children. NULL for `options` are the defaults. A process
 * that is daemonic itself has no pool: MGR_EASSERTION. MGR_ESYSTEM, MGR_ENOMEM. The calling thread
 * and its locks are forked, too, as with fork() anywhere.
 *
 * A worker that dies, however it does, is replaced at once, as is one that has done
 * max_tasks_per_child; the new one is forked from here, too, from what this process is by then: it
 * has a copy of descriptors that were opened meanwhile. Tasks that it had not begun go to
 * others; the one that it ran fails with MGR_EWORKER_LOST, or, with max_retries, is run again so
 * often. What it had finished stays. Nothing runs twice but by max_retries, and nothing is waited
 * for in vain. Where one worker after the other dies before it has begun a task, because of its
 * initializer for instance, the pool gives up: all that is and will be asked of it fails with
 * MGR_EWORKER_LOST, and a message that tells how the last one ended. It does so, too, where none
 * is left and none can be started for half a second, with the error of that.
 *
 * As in Python workers do not ignore SIGINT: Ctrl-C in a terminal reaches all of its processes.
 */
int mgr_pool_new(mgr_pool **pool, const mgr_pool_options *options);

/*
 * A pool whose workers were started separately, each of which calls mgr_pool_serve() with the same
 * name on the same daemon. Any number of clients and workers share it, and come and go; tasks wait
 * while there is no worker. Everything below is as with workers of one's own, but for this:
 *
 * Functions are asked for by name. One given by its address is looked up among those registered
 * here; MGR_EARGUMENT where it is not. A worker that has no function of that name fails the task
 * with MGR_EATTRIBUTE.
 *
 * Of the options, n_workers tells how many workers to expect, for chunk sizes, and max_retries how
 * often a task is run again whose worker died; the others are for workers of one's own, and
 * MGR_EARGUMENT here. A chunk of a map is one task: where its worker dies all of its calls fail,
 * or are run again. Up to 1,024 chunks of a client are in the queue at once.
 *
 * mgr_pool_terminate(): workers go on. Those of our tasks that none has taken yet are not run any
 * more, but for at most one by each worker, who learns of it by that. So it is where the client
 * dies, and all that was forked from it. mgr_pool_join() waits for the answers to our own tasks.
 *
 * mgr_pool_apply() and mgr_pool_map() wait for as long as there is no worker: who wants to give up
 * after a while takes the forms with _async, and a timeout for the result. Of a client that dies
 * the tasks that are in the queue are run all the same, and nobody reads the answers.
 *
 * Where the daemon is lost all tasks fail with MGR_EGONE. Where somebody removed a task from the
 * queue, it fails with MGR_ECANCELLED, a moment after the queue has nothing left to do.
 *
 * The tasks are in the queue "pool:NAME:tasks" (see mgr_queue_open()), which is made by whoever
 * comes first: with redelivery, without bound. To shut it down ends the workers, once they have
 * done what is in it; a client's tasks then fail with MGR_ESHUT_DOWN, until mgr_manager_unlink()
 * makes room for a new one. What travels in it is told in PROTOCOL.md, "Pools over queues".
 */
int mgr_pool_open(mgr_manager *m, const char *name, const mgr_pool_options *options,
                  mgr_pool **pool);

/* Why mgr_pool_serve() has returned. */
enum {
        MGR_SERVED_ENOUGH = 1, /* it has done max_tasks */
        MGR_SERVED_IDLE = 2,   /* there was nothing to do for so long */
};

/*
 * A worker: runs the tasks of the pool with this name, one after another, in this thread, until
 * it has done `max_tasks` (MGR_SERVED_ENOUGH; 0: without end; a chunk is one task, as in Python's
 * maxtasksperchild), has waited `timeout` seconds for the next one (MGR_SERVED_IDLE; MGR_FOREVER:
 * without end), or the pool's queue has been shut down and is empty (0). Else an error, of which
 * MGR_EGONE is a daemon that has ended; and with MGR_INTERRUPTIBLE MGR_EINTERRUPTED, where a
 * signal came while it waited. It can be called again after any of them. Nothing in Python's
 * multiprocessing is like it.
 *
 * A worker that dies, or for lack of memory returns an error, leaves its task to another one, who
 * runs it again if the client has allowed for that (max_retries), and else answers MGR_EWORKER_LOST
 * in its stead; so that nobody waits in vain as long as one worker lives. What a function leaves
 * behind is its own business: locks that it holds, for instance, are held by this thread. Several
 * threads may serve the same pool, each by a call of its own.
 */
int mgr_pool_serve(mgr_manager *m, const char *name, size_t max_tasks, double timeout);

/*
 * Takes no more work: Pool.close(). Whatever is submitted from now on is MGR_EVALUE "Pool not
 * running"; what was submitted is done, and then the workers end. Done again it does nothing.
 */
int mgr_pool_close(mgr_pool *pool);

/*
 * Ends the workers, by SIGKILL, whatever they do: Pool.terminate(). Who waits for a result, or
 * asks for it later, is told MGR_ECANCELLED "Pool was terminated", where Python lets him wait for
 * ever; the callbacks `failed` are told so, too.
 */
int mgr_pool_terminate(mgr_pool *pool);

/*
 * Waits until all work is done, all callbacks have been run and all workers have ended:
 * Pool.join(). First comes mgr_pool_close() or mgr_pool_terminate(): else MGR_EVALUE "Pool is still
 * running". The source of an imap that has not come to its end is asked for all that it has, in
 * this thread. From a callback it does not wait for that callback. MGR_ETIMEOUT.
 */
int mgr_pool_join(mgr_pool *pool, double timeout);

/*
 * The end of Python's `with Pool()`: terminates the pool without calling callbacks, and waits for
 * its workers' end. Results and imaps that are left still work, and want to be freed. No other
 * thread may use the pool. In a forked child it does nothing. NULL is fine.
 */
void mgr_pool_free(mgr_pool *pool);

/*
 * Does what there is to do: takes results, gives workers more, runs callbacks; and if there was
 * nothing, waits `timeout` seconds for something. 1: something was done; 0: nothing. As the
 * library has no threads of its own, nothing is done but while some thread is in here, or in a
 * function that waits at the pool; what was given to a worker is run all the same. For programs
 * with a loop of their own: timeout 0, whenever mgr_pool_fd() is readable.
 */
int mgr_pool_pump(mgr_pool *pool, double timeout);

/*
 * A descriptor that is readable when there is something to pump, for poll(), epoll and their
 * like; for nothing else. It is the pool's, and stays the same. Below 0: an error.
 */
int mgr_pool_fd(mgr_pool *pool);

/* -- Tasks ---------------------------------------------------------------------------------- */

/*
 * Arguments, items and results are any values. Proxies arrive as proxies that work (the worker
 * knows the managers that its parent had when it was forked); all those of one chunk must be of
 * one manager. Where a value cannot be sent (MGR_EUNICODE) or memory is short, nothing is
 * submitted. Jobs take turns: a small one does not wait for the end of a big one.
 *
 * Besides its own errors, each call that waits returns those of the function; every submission can
 * fail with MGR_EVALUE "Pool not running" and, in a forked child, whose pool it is not, with
 * MGR_ERUNTIME.
 *
 * Behind each function named ..._of stands a macro without it, at the end of this file, for which
 * the function may be given by its name as well: mgr_pool_map(pool, square, items, n, 0, results).
 */

/*
 * Runs function(*args) in a worker and waits for its result: Pool.apply(). `result` may be NULL.
 * The macro: mgr_pool_apply(pool, function, &result, arg, …): up to 8 arguments of any C type.
 */
int mgr_pool_apply_of(mgr_pool *pool, mgr_callable function, const mgr_value *args, size_t n_args,
                      mgr_value *result);

/*
 * The same without waiting: Pool.apply_async(). A worker that is idle gets it at once. `callbacks`
 * may be NULL, as may `result`, where only they matter.
 * The macro: mgr_pool_apply_async(pool, function, callbacks, &result, arg, …).
 */
int mgr_pool_apply_async_of(mgr_pool *pool, mgr_callable function, const mgr_value *args,
                            size_t n_args, const mgr_callbacks *callbacks, mgr_result **result);

/*
 * Runs function(items[i]) for each item and waits for all: Pool.map(). results[i] is the result of
 * items[i], and the caller's. Items travel in chunks of `chunk_size`; 0 makes four for each
 * worker, as in Python, but none of more than 1,000, so that results are read while others come.
 * Where some tasks fail, the others are run all the same, and the error is that of the first in
 * order. After any error all of `results` are None.
 */
int mgr_pool_map_of(mgr_pool *pool, mgr_callable function, const mgr_value *items, size_t n,
                    size_t chunk_size, mgr_value *results);

/* The same without waiting: Pool.map_async(). The result is one list. Items are copied. */
int mgr_pool_map_async_of(mgr_pool *pool, mgr_callable function, const mgr_value *items, size_t n,
                          size_t chunk_size, const mgr_callbacks *callbacks, mgr_result **result);

/*
 * As these, for tuples (or lists) of arguments: function(*tuples[i]). Pool.starmap(),
 * Pool.starmap_async().
 */
int mgr_pool_starmap_of(mgr_pool *pool, mgr_callable function, const mgr_value *tuples, size_t n,
                        size_t chunk_size, mgr_value *results);
int mgr_pool_starmap_async_of(mgr_pool *pool, mgr_callable function, const mgr_value *tuples,
                              size_t n, size_t chunk_size, const mgr_callbacks *callbacks,
                              mgr_result **result);

/* -- Results one by one --------------------------------------------------------------------- */

/*
 * The next item to work on, Python's iterable: 1, 0 at the end, or an error, told as that of an
 * mgr_function; *item is then the library's. Called by the thread that reads the imap, or joins the
 * pool.
 */
typedef int mgr_source(void *arg, mgr_value *item);

/*
 * Runs the function for each item of a source, which is asked lazily: as results are read, and no
 * further ahead than 16 chunks for each worker. Pool.imap(), Pool.imap_unordered(). `chunk_size`
 * 0 is 1, and none is above 65,536. `source_arg` is borrowed until the imap is freed, or the source
 * has come to its end.
 */
int mgr_pool_imap_of(mgr_pool *pool, mgr_callable function, mgr_source *source, void *source_arg,
                     size_t chunk_size, mgr_imap **imap);
int mgr_pool_imap_unordered_of(mgr_pool *pool, mgr_callable function, mgr_source *source,
                               void *source_arg, size_t chunk_size, mgr_imap **imap);

/*
 * The next result, in order, or for imap_unordered as they come: 1; 0 at the end; or the error of
 * the task whose turn it was, after which it goes on with the next one. A source that fails gives
 * its error in its turn, and ends. MGR_ETIMEOUT takes no turn. One thread at a time.
 * The macro: mgr_imap_next(imap, timeout, &result), of any C type.
 */
int mgr_imap_next_value(mgr_imap *imap, double timeout, mgr_value *value);

/* Asks for no more; what was begun is run, and its results are dropped. NULL is fine. */
void mgr_imap_free(mgr_imap *imap);

/* -- Results to come: Python's AsyncResult -------------------------------------------------- */

/*
 * Waits for the result, a copy of which is the caller's, as often as it is asked for: get(). Or
 * returns the task's error, or MGR_ETIMEOUT. `value` may be NULL.
 * The macro: mgr_result_get(result, timeout, &value), of any C type.
 */
int mgr_result_get_value(mgr_result *result, double timeout, mgr_value *value);

/* Waits for it, whatever it is: wait(). 0, or MGR_ETIMEOUT. */
int mgr_result_wait(mgr_result *result, double timeout);

/* Whether it is there: ready(). 1 or 0; callbacks may be run. */
int mgr_result_ready(mgr_result *result);

/* Whether the task was done without an error: successful(). MGR_EVALUE where it is not ready. */
int mgr_result_successful(mgr_result *result);

/* Nobody will ask for it; the task is run all the same. NULL is fine. */
void mgr_result_free(mgr_result *result);

static inline mgr_callable mgr_callable_function(mgr_function *function)
{
        mgr_callable callable = { function, NULL };

        return callable;
}

static inline mgr_callable mgr_callable_name(const char *name)
{
        mgr_callable callable = { NULL, name };

        return callable;
}

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

/* -- Functions and names, arguments and results of C's types --------------------------------- */

static inline int mgr_pool_apply_out(mgr_pool *pool, mgr_callable function, mgr_out out,
                                     const mgr_value *args, size_t n_args)
{
        mgr_value value;
        int r = mgr_pool_apply_of(pool, function, args, n_args, &value);

        return mgr_value_into(r, &value, out);
}

static inline int mgr_pool_apply_async_out(mgr_pool *pool, mgr_callable function,
                                           const mgr_callbacks *callbacks, mgr_result **result,
                                           const mgr_value *args, size_t n_args)
{
        return mgr_pool_apply_async_of(pool, function, args, n_args, callbacks, result);
}

static inline int mgr_imap_next_out(mgr_imap *imap, double timeout, mgr_out out)
{
        mgr_value value;
        int r = mgr_imap_next_value(imap, timeout, &value);

        return r == 1 ? mgr_value_into(r, &value, out) : r;
}

MGR_DEFINE_OUT(mgr_result_get, (mgr_result * result, double timeout, mgr_out out),
               (result, timeout, &value))

#define mgr_result_get(result, timeout, out) mgr_result_get_out((result), (timeout), MGR_OUT(out))
#define mgr_imap_next(imap, timeout, out)    mgr_imap_next_out((imap), (timeout), MGR_OUT(out))

#ifndef __cplusplus

static inline mgr_callable mgr_callable_itself(mgr_callable callable)
{
        return callable;
}

/* A mgr_function, a name, or an mgr_callable. */
#define MGR_CALLABLE(f)                                                                            \
        _Generic((f),                                                                              \
                mgr_callable: mgr_callable_itself,                                                 \
                char *: mgr_callable_name,                                                         \
                const char *: mgr_callable_name,                                                   \
                default: mgr_callable_function)(f)

/* Up to 8 arguments of any C type behind one that is left as it is: that, an array, and its size.
 */
#define MGR_ARGS(...)                                                                              \
        MGR_ARGS_PICK(__VA_ARGS__, MGR_ARGS_8, MGR_ARGS_7, MGR_ARGS_6, MGR_ARGS_5, MGR_ARGS_4,     \
                      MGR_ARGS_3, MGR_ARGS_2, MGR_ARGS_1, MGR_ARGS_0, )                            \
        (__VA_ARGS__)
#define MGR_ARGS_PICK(x, a, b, c, d, e, f, g, h, pick, ...) pick
/* clang-format off */
#define MGR_ARGS_0(x) x, NULL, 0
#define MGR_ARGS_1(x, a) x, MGR_IN(a), 1
#define MGR_ARGS_2(x, a, b) x, ((const mgr_value[2]){ mgr_v(a), mgr_v(b) }), 2
#define MGR_ARGS_3(x, a, b, c) x, ((const mgr_value[3]){ mgr_v(a), mgr_v(b), mgr_v(c) }), 3
#define MGR_ARGS_4(x, a, b, c, d)                                                                  \
        x, ((const mgr_value[4]){ mgr_v(a), mgr_v(b), mgr_v(c), mgr_v(d) }), 4
#define MGR_ARGS_5(x, a, b, c, d, e)                                                               \
        x, ((const mgr_value[5]){ mgr_v(a), mgr_v(b), mgr_v(c), mgr_v(d),                          \
                                   mgr_v(e) }), 5
#define MGR_ARGS_6(x, a, b, c, d, e, f)                                                            \
        x, ((const mgr_value[6]){ mgr_v(a), mgr_v(b), mgr_v(c), mgr_v(d),                          \
                                   mgr_v(e), mgr_v(f) }), 6
#define MGR_ARGS_7(x, a, b, c, d, e, f, g)                                                         \
        x, ((const mgr_value[7]){ mgr_v(a), mgr_v(b), mgr_v(c), mgr_v(d),                          \
                                   mgr_v(e), mgr_v(f), mgr_v(g) }), 7
#define MGR_ARGS_8(x, a, b, c, d, e, f, g, h)                                                      \
        x, ((const mgr_value[8]){ mgr_v(a), mgr_v(b), mgr_v(c), mgr_v(d),                          \
                                   mgr_v(e), mgr_v(f), mgr_v(g), mgr_v(h) }), 8
/* clang-format on */

/* In two steps, so that what MGR_ARGS() makes counts as several. */
#define MGR_CALL(function, ...) function(__VA_ARGS__)

#define mgr_pool_apply(pool, f, ...)                                                               \
        MGR_CALL(mgr_pool_apply_any, (pool), MGR_CALLABLE(f), MGR_ARGS(__VA_ARGS__))
#define mgr_pool_apply_any(pool, f, out, args, n) mgr_pool_apply_out(pool, f, MGR_OUT(out), args, n)
#define mgr_pool_apply_async(pool, f, callbacks, ...)                                              \
        MGR_CALL(mgr_pool_apply_async_out, (pool), MGR_CALLABLE(f), (callbacks),                   \
                 MGR_ARGS(__VA_ARGS__))

#else

/* clang-format off */
extern "C++" {

inline mgr_callable mgr_callable_of(mgr_callable callable)
{
        return callable;
}
inline mgr_callable mgr_callable_of(const char *name)
{
        return mgr_callable_name(name);
}
inline mgr_callable mgr_callable_of(mgr_function *function)
{
        return mgr_callable_function(function);
}

template <class Out, class... Args>
inline int mgr_pool_apply_any(mgr_pool *pool, mgr_callable function, Out out, const Args &...args)
{
        const mgr_value values[] = { mgr_v(args)..., mgr_none() };

        return mgr_pool_apply_out(pool, function, mgr_out_of(out), values, sizeof...(args));
}

template <class... Args>
inline int mgr_pool_apply_async_any(mgr_pool *pool, mgr_callable function,
                                    const mgr_callbacks *callbacks, mgr_result **result,
                                    const Args &...args)
{
        const mgr_value values[] = { mgr_v(args)..., mgr_none() };

        return mgr_pool_apply_async_of(pool, function, values, sizeof...(args), callbacks, result);
}

} /* extern "C++" */
/* clang-format on */

#define MGR_CALLABLE(f) (mgr_callable_of(f))

#define mgr_pool_apply(pool, f, ...) mgr_pool_apply_any((pool), MGR_CALLABLE(f), __VA_ARGS__)
#define mgr_pool_apply_async(pool, f, callbacks, ...)                                              \
        mgr_pool_apply_async_any((pool), MGR_CALLABLE(f), (callbacks), __VA_ARGS__)

#endif

#define mgr_pool_map(pool, f, items, n, chunk_size, results)                                       \
        mgr_pool_map_of((pool), MGR_CALLABLE(f), (items), (n), (chunk_size), (results))
#define mgr_pool_map_async(pool, f, items, n, chunk_size, callbacks, result)                       \
        mgr_pool_map_async_of((pool), MGR_CALLABLE(f), (items), (n), (chunk_size), (callbacks),    \
                              (result))
#define mgr_pool_starmap(pool, f, tuples, n, chunk_size, results)                                  \
        mgr_pool_starmap_of((pool), MGR_CALLABLE(f), (tuples), (n), (chunk_size), (results))
#define mgr_pool_starmap_async(pool, f, tuples, n, chunk_size, callbacks, result)                  \
        mgr_pool_starmap_async_of((pool), MGR_CALLABLE(f), (tuples), (n), (chunk_size),            \
                                  (callbacks), (result))
#define mgr_pool_imap(pool, f, source, source_arg, chunk_size, imap)                               \
        mgr_pool_imap_of((pool), MGR_CALLABLE(f), (source), (source_arg), (chunk_size), (imap))
#define mgr_pool_imap_unordered(pool, f, source, source_arg, chunk_size, imap)                     \
        mgr_pool_imap_unordered_of((pool), MGR_CALLABLE(f), (source), (source_arg), (chunk_size),  \
                                   (imap))
