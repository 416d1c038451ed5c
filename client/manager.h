/*
 * manager.h - shared dicts, queues, locks … for processes that have nothing else in common
 *
 * What Python's multiprocessing.Manager() is to Python. A daemon, managerd, holds
 * the objects; programs hold *proxies* of them and call their methods. Every call
 * is atomic. Link with -lmanager.
 *
 * Below stand, each under a heading: errors; values, and what is done with them; managers;
 * proxies of any type, and of each; batches; and how C's types become values.
 *
 *      #include <manager.h>
 *      #include <stdio.h>
 *      #include <sys/wait.h>
 *      #include <unistd.h>
 *
 *      int main(void)
 *      {
 *              mgr_manager *m;
 *              mgr_dict *d;
 *              long long age;
 *
 *              if (mgr_manager_start(&m, NULL) < 0 || mgr_dict_new(m, &d) < 0) {
 *                      fprintf(stderr, "%s\n", mgr_errmsg());
 *                      return 1;
 *              }
 *              if (fork() == 0) {
 *                      mgr_dict_set(d, "age", 18);
 *                      _exit(0);
 *              }
 *              wait(NULL);
 *              if (mgr_dict_get(d, "age", &age) == 0)
 *                      printf("age is %lld\n", age);
 *              mgr_dict_free(d);
 *              mgr_manager_free(m);
 *              return 0;
 *      }
 *
 * Names. mgr_dict_set() is a macro that takes a key and a value of any basic C
 * type: integers, double, bool, char *, a proxy, an mgr_value or a pointer to
 * one. Behind each stands a function of the same name with _value at its end,
 * which takes const mgr_value *; other languages call that. The literals true
 * and 'c' are integers in C11: write MGR_TRUE, or mgr_strn(&c, 1); and MGR_NONE, not NULL.
 *
 * Returns. Below 0: an error, one of MGR_E*, and mgr_errmsg() says more. 0: done.
 * Above 0: done, with information; of a question: yes. Where a function failed,
 * nothing was changed, and outputs were not written, but where it is said below, and
 * after MGR_EUNKNOWN_OUTCOME, which says itself what is not known. Every call can fail
 * with MGR_EGONE (no daemon), MGR_EUNKNOWN_OUTCOME, MGR_EPROTOCOL, MGR_ENOMEM,
 * MGR_ETIMEOUT (only where mgr_options.call_timeout is set), MGR_ECONNECT (a thread's
 * first call makes a connection, for which there may be no room), MGR_EOWNER_LOST (of
 * a thread that held locks), MGR_ENO_OBJECT and MGR_EARGUMENT (NULL where there must be
 * something); below stand only those that a function has besides.
 *
 * Ownership. What goes in is copied. Proxies, managers, batches and builders are
 * the caller's until the function named ..._free(), which takes NULL too. An
 * mgr_value that comes out is the caller's until mgr_value_clear(). Strings
 * that come out end with a zero byte that their size does not count.
 *
 * Blocking. Every call waits for its reply, which comes within microseconds; the
 * methods that wait for something to happen have a parameter `timeout`, in seconds, and say
 * what they return when it has passed. 0 does not wait, MGR_FOREVER waits without end, and a
 * negative one or NaN is MGR_EVALUE. Who waits for the same thing is served in order of
 * arrival. A signal does not end a call (see MGR_INTERRUPTIBLE).
 *
 * Types. For each there are ..._new(), which makes an object; ..._open(), which makes one with a
 * name, or finds it; ..._ref() and ..._free() of the proxy; ..._proxy(), the same proxy by its
 * general type; mgr_from_...(), the proxy as a value, and mgr_value_...(), a proxy out of a
 * value; ..._repr() and ..._str(). See mgr_proxy_new() and its like.
 *
 * Threads. Managers, proxies and values that nobody changes may be used by any
 * number of threads at once; every thread gets a connection of its own at its
 * first call. A batch, a builder or an iterator belongs to one thread at a time.
 * No function is safe in a signal handler, but where the thread is known to wait in a call: then
 * the handler's calls go over another connection, and what they acquire is not the thread's.
 *
 * Fork. A child uses managers and proxies as if they were its own, which they
 * are: references are lent to it before the fork, and it connects anew at its
 * first call. Locks and open batches are not inherited. The daemon that
 * mgr_manager_start() started belongs to the process that called it.
 *
 * The library starts no threads, handles no signals, prints nothing, and never
 * ends the process.
 */
#pragma once

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

#define MGR_VERSION_MAJOR 0
#define MGR_VERSION_MINOR 1

typedef struct mgr_manager mgr_manager; /* a connection to a daemon; Python's SyncManager */
typedef struct mgr_proxy mgr_proxy;     /* a proxy of an object of any type */
typedef struct mgr_dict mgr_dict;       /* Python's DictProxy */
typedef struct mgr_list mgr_list;       /* Python's ListProxy */
typedef struct mgr_set mgr_set;         /* Python's SetProxy */
typedef struct mgr_batch mgr_batch;     /* calls that travel together */
typedef struct mgr_builder mgr_builder; /* composes lists, dicts, tuples, sets */

typedef struct mgr_namespace mgr_namespace; /* Python's NamespaceProxy */
typedef struct mgr_cell mgr_cell;           /* Python's ValueProxy */
typedef struct mgr_array mgr_array;         /* Python's ArrayProxy */
typedef struct mgr_lock mgr_lock;           /* Python's AcquirerProxy, of a Lock */
typedef struct mgr_rlock mgr_rlock;         /* Python's AcquirerProxy, of an RLock */
typedef struct mgr_condition mgr_condition; /* Python's ConditionProxy */
typedef struct mgr_semaphore mgr_semaphore; /* Python's AcquirerProxy, of both semaphores */
typedef struct mgr_event mgr_event;         /* Python's EventProxy */
typedef struct mgr_barrier mgr_barrier;     /* Python's BarrierProxy */
typedef struct mgr_queue mgr_queue;         /* Python's proxy of a Queue or JoinableQueue */

typedef struct mgr_process mgr_process;             /* Python's Process */
typedef struct mgr_pool mgr_pool;                   /* Python's Pool */
typedef struct mgr_result mgr_result;               /* of a task under way: AsyncResult */
typedef struct mgr_imap mgr_imap;                   /* results as they come: what imap() returns */
typedef struct mgr_pipe_end mgr_pipe_end;           /* Python's Connection */
typedef struct mgr_calls mgr_calls;                 /* a session, and the calls under way in it */
typedef struct mgr_call mgr_call;                   /* one of them */
typedef struct mgr_shared_array mgr_shared_array;   /* multiprocessing.Array('i', ...) */
typedef struct mgr_shared_cell mgr_shared_cell;     /* multiprocessing.Value('d', 0) */
typedef struct mgr_shared_memory mgr_shared_memory; /* shared_memory.SharedMemory */

/* What a process does: its return value, 0 to 255, becomes the exit code. */
typedef int mgr_target(void *arg);

/* -- Errors ------------------------------------------------------------------------------- */

enum {
        /* Python's exceptions, as the object raised them. */
        MGR_ETYPE = -1,
        MGR_EVALUE = -2,
        MGR_EKEY = -3,
        MGR_EINDEX = -4,
        MGR_EATTRIBUTE = -5,
        MGR_EOVERFLOW = -6,
        MGR_ERUNTIME = -7,
        MGR_ESTOP_ITERATION = -8,
        MGR_ENOMEM = -9, /* here or there: mgr_errmsg() tells */
        MGR_EEMPTY = -10,
        MGR_EFULL = -11,
        MGR_ESHUT_DOWN = -12,
        MGR_EBROKEN_BARRIER = -13,
        MGR_ETIMEOUT = -14,
        MGR_ECANCELLED = -15,
        MGR_EDEADLOCK = -16,
        MGR_ENAME = -17,
        MGR_ENOT_IMPLEMENTED = -18,
        MGR_EUNICODE = -19, /* a str that is not UTF-8; use mgr_bytes() */
        MGR_EASSERTION = -20,

        /* The daemon refused the call itself. */
        MGR_ENO_OBJECT = -32, /* the referent is gone, or of a daemon that is */
        MGR_ENO_METHOD = -33,
        MGR_EBAD_REQUEST = -34,
        MGR_ETOO_LARGE = -35, /* a limit; for big containers see mgr_dict_page() and its like */
        MGR_ECREATION = -36,
        MGR_EREMOTE = -37, /* any other exception: mgr_error_name() tells which */

        /* Found by this library. */
        MGR_EARGUMENT = -64,
        MGR_ESYSTEM = -65,
        MGR_ECONNECT = -66,
        MGR_EAUTHENTICATION = -67,
        MGR_EGONE = -68,
        MGR_EUNKNOWN_OUTCOME = -69, /* of a call that writes: the daemon was lost before it
                                     * answered, or there was no memory here for its answer */
        MGR_EPROTOCOL = -70,
        MGR_ESTART = -71,
        MGR_EINTERRUPTED = -72,
        MGR_EOWNER_LOST = -73,  /* this thread's connection was lost, and with it the locks that it
                                 * held: told once, by the next call of any kind */
        MGR_EEOF = -74,         /* of a pipe: nobody has the other end any more */
        MGR_EWORKER_LOST = -75, /* of a pool: the worker died while it ran the task */
        MGR_EEXISTS = -76,      /* of shared memory: the name is taken */
};

/*
 * What went wrong in this thread's last function that failed, in a sentence with
 * all that the daemon said: "KeyError: 'age'". Never NULL; the text is good until
 * the thread calls the library again. Successes leave it as it is.
 */
const char *mgr_errmsg(void);

/* What an error code means in general; any number will do, never NULL. */
const char *mgr_strerror(int error);

/*
 * raise: makes this the thread's last error, as a function of this library that fails, and
 * returns it: `return mgr_raise(MGR_EVALUE, "no such colour");` is how a pool's function fails
 * (mgr_function). mgr_errmsg() is `message`, which is copied, in UTF-8, and cut at 500 bytes or
 * so; NULL: what mgr_strerror() says. mgr_error_name() is Python's name of the exception, where
 * there is one, and mgr_error_value() its argument: the message as a str. Any number below 0 will
 * do, also one that is none of MGR_E*. What is not below 0 is no error: then MGR_EARGUMENT is
 * raised instead. Needs no manager.
 */
int mgr_raise(int error, const char *message);

/*
 * The Python name of the exception behind this thread's last error, "KeyError", or ""
 * where none came from the daemon or was raised. Good as long as mgr_errmsg().
 */
const char *mgr_error_name(void);

/* -- Values ------------------------------------------------------------------------------- */

typedef enum mgr_kind {
        MGR_KIND_NONE,
        MGR_KIND_BOOL,  /* .as.boolean */
        MGR_KIND_INT,   /* .as.integer */
        MGR_KIND_UINT,  /* .as.uinteger: only beyond INT64_MAX */
        MGR_KIND_FLOAT, /* .as.real */
        MGR_KIND_STR,   /* .as.text: UTF-8, ends with a zero */
        MGR_KIND_BYTES, /* .as.text: ends with a zero, too */
        MGR_KIND_LIST,  /* from here on mgr_iter and mgr_value_at() look inside */
        MGR_KIND_DICT,
        MGR_KIND_TUPLE,
        MGR_KIND_SET,
        MGR_KIND_FROZENSET,
        MGR_KIND_PROXY, /* mgr_value_dict(), mgr_value_list() …, mgr_value_proxy() */
        MGR_KIND_OTHER, /* carried as it is: big integers, slices, arrays, Python's own objects */
} mgr_kind;

/*
 * One Python value. Read `kind` and the member of `as` that belongs to it. It may
 * be copied by assignment, as long as only one copy is cleared.
 */
typedef struct mgr_value {
        int kind;       /* enum mgr_kind */
        unsigned flags; /* private, as everything below `as` */
        union {
                bool boolean;
                int64_t integer;
                uint64_t uinteger;
                double real;
                struct mgr_text {
                        const char *data;
                        size_t size;
                } text;
                const mgr_proxy *proxy;
        } as;
        void *owner;
        const void *origin;
        void *reserved[2];
} mgr_value;

/*
 * Values of C's types. They own nothing: text and proxies must outlive the call
 * that they are given to, and there is nothing to clear. mgr_str(NULL) is None.
 */
static inline mgr_value mgr_none(void)
{
        mgr_value value;

        /* member by member, so that compilers keep it in registers: values are made often */
        value.kind = MGR_KIND_NONE;
        value.flags = 0;
        value.as.text.data = NULL;
        value.as.text.size = 0;
        value.owner = NULL;
        value.origin = NULL;
        value.reserved[0] = NULL;
        value.reserved[1] = NULL;
        return value;
}

static inline mgr_value mgr_bool(bool boolean)
{
        mgr_value value = mgr_none();

        value.kind = MGR_KIND_BOOL;
        value.as.boolean = boolean;
        return value;
}

static inline mgr_value mgr_int(int64_t integer)
{
        mgr_value value = mgr_none();

        value.kind = MGR_KIND_INT;
        value.as.integer = integer;
        return value;
}

static inline mgr_value mgr_uint(uint64_t uinteger)
{
        mgr_value value = mgr_none();

        value.kind = uinteger > INT64_MAX ? MGR_KIND_UINT : MGR_KIND_INT;
        value.as.uinteger = uinteger;
        return value;
}

static inline mgr_value mgr_float(double real)
{
        mgr_value value = mgr_none();

        value.kind = MGR_KIND_FLOAT;
        value.as.real = real;
        return value;
}

static inline mgr_value mgr_strn(const char *utf8, size_t size)
{
        mgr_value value = mgr_none();

        value.kind = MGR_KIND_STR;
        value.as.text.data = utf8;
        value.as.text.size = size;
        return value;
}

static inline mgr_value mgr_str(const char *utf8)
{
        return utf8 ? mgr_strn(utf8, strlen(utf8)) : mgr_none();
}

static inline mgr_value mgr_bytes(const void *data, size_t size)
{
        mgr_value value = mgr_strn((const char *)data, size);

        value.kind = MGR_KIND_BYTES;
        return value;
}

/*
 * A proxy as a value: stored in a dict or list it makes one object part of another. The value
 * borrows the proxy. NULL is None.
 */
mgr_value mgr_from_proxy(const mgr_proxy *proxy);
mgr_value mgr_from_dict(const mgr_dict *dict);
mgr_value mgr_from_list(const mgr_list *list);
mgr_value mgr_from_set(const mgr_set *set);
mgr_value mgr_from_namespace(const mgr_namespace *ns);
mgr_value mgr_from_cell(const mgr_cell *cell);
mgr_value mgr_from_array(const mgr_array *array);
mgr_value mgr_from_lock(const mgr_lock *lock);
mgr_value mgr_from_rlock(const mgr_rlock *lock);
mgr_value mgr_from_condition(const mgr_condition *condition);
mgr_value mgr_from_semaphore(const mgr_semaphore *semaphore);
mgr_value mgr_from_event(const mgr_event *event);
mgr_value mgr_from_barrier(const mgr_barrier *barrier);
mgr_value mgr_from_queue(const mgr_queue *queue);

#define MGR_NONE  mgr_none()
#define MGR_TRUE  mgr_bool(true)
#define MGR_FALSE mgr_bool(false)

/* Gives back what a value owns and makes it None. A value that owns nothing is fine, as is NULL. */
void mgr_value_clear(mgr_value *value);

/*
 * The argument of this thread's last exception, the key of a KeyError: a copy, which is
 * the caller's. None where there was none, or where it was too long to keep.
 */
int mgr_error_value(mgr_value *value);

/*
 * A copy that owns what it needs, however the original was made. Strings are copied, the
 * insides of containers shared.
 */
int mgr_value_copy(const mgr_value *value, mgr_value *copy);

/*
 * Reading with conversion as Python does it: an int from int or bool, a double
 * from these and float. MGR_ETYPE for another kind, MGR_EOVERFLOW where it does
 * not fit.
 */
int mgr_value_get_int(const mgr_value *value, int64_t *integer);
int mgr_value_get_float(const mgr_value *value, double *real);

/*
 * The text of a str or bytes, "" of anything else: for printf(). Good until the value is
 * cleared.
 */
const char *mgr_cstr(const mgr_value *value);

/* Python's bool(x), without asking the daemon: a proxy is true. */
bool mgr_value_truth(const mgr_value *value);

/*
 * Python's ==, without asking the daemon: proxies are equal when they are of one object. 1, 0
 * or an error.
 */
int mgr_value_equal(const mgr_value *a, const mgr_value *b);

/* Python's repr(x) and str(x), as a value of kind str. */
int mgr_value_repr(const mgr_value *value, mgr_value *text);
int mgr_value_str(const mgr_value *value, mgr_value *text);

/* The name of the value's type in Python: "NoneType", "int", "dict" … */
const char *mgr_value_type_name(const mgr_value *value);

/*
 * A new proxy of the object that a value of kind MGR_KIND_PROXY stands for; the
 * value stays as it is. MGR_ETYPE where it is no proxy, or one of another type.
 */
int mgr_value_dict(const mgr_value *value, mgr_dict **dict);
int mgr_value_list(const mgr_value *value, mgr_list **list);
int mgr_value_set(const mgr_value *value, mgr_set **set);
int mgr_value_namespace(const mgr_value *value, mgr_namespace **ns);
int mgr_value_cell(const mgr_value *value, mgr_cell **cell);
int mgr_value_array(const mgr_value *value, mgr_array **array);
int mgr_value_lock(const mgr_value *value, mgr_lock **lock);
int mgr_value_rlock(const mgr_value *value, mgr_rlock **lock);
int mgr_value_condition(const mgr_value *value, mgr_condition **condition);
int mgr_value_semaphore(const mgr_value *value, mgr_semaphore **semaphore);
int mgr_value_event(const mgr_value *value, mgr_event **event);
int mgr_value_barrier(const mgr_value *value, mgr_barrier **barrier);
int mgr_value_queue(const mgr_value *value, mgr_queue **queue);
int mgr_value_proxy(const mgr_value *value, mgr_proxy **proxy);

/*
 * The bytes by which a value travels (msgpack, see PROTOCOL.md), as a value of
 * kind bytes; and back. Bytes from anywhere may be unpacked: MGR_EBAD_REQUEST or
 * MGR_EUNICODE where they are no value.
 */
int mgr_value_pack(const mgr_value *value, mgr_value *bytes);
int mgr_value_unpack(const void *data, size_t size, mgr_value *value);

/* -- Looking inside lists, dicts, tuples and sets ------------------------------------------- */

/*
 * Elements are borrowed from the container: good until it is cleared, not to be cleared
 * themselves.
 */
typedef struct mgr_iter {
        const void *at; /* private, all of it */
        size_t n_left;
        const void *origin;
        size_t step;
        void *reserved;
} mgr_iter;

/*
 * How many elements there are, of an array too; bytes of a str or bytes; 0 of anything else.
 * Python's len().
 */
size_t mgr_value_len(const mgr_value *value);

/* Begins a walk. MGR_ETYPE where there is nothing to walk through. */
int mgr_iter_init(mgr_iter *iter, const mgr_value *container);

/* The next element, of a dict the next key. 1, or 0 at the end. */
int mgr_iter_next(mgr_iter *iter, mgr_value *element);

/* The next key and value of a dict. 1, or 0 at the end. */
int mgr_iter_next_item(mgr_iter *iter, mgr_value *key, mgr_value *value);

/*
 * Element `index` of a list or tuple; a negative one counts from the end. Takes time in
 * proportion. MGR_EINDEX.
 */
int mgr_value_at(const mgr_value *container, int64_t index, mgr_value *element);

/* The value of a key in a dict that is here. Takes time in proportion to its size. MGR_EKEY. */
int mgr_value_find(const mgr_value *dict, const mgr_value *key, mgr_value *value);

/* -- Composing lists, dicts, tuples and sets ------------------------------------------------ */

/*
 * A builder takes a value apart into steps:
 *
 *      mgr_builder_begin(b, MGR_KIND_DICT);
 *      mgr_builder_add(b, "name");
 *      mgr_builder_add(b, "Bob");
 *      mgr_builder_add(b, "scores");
 *      mgr_builder_begin(b, MGR_KIND_LIST);
 *      mgr_builder_add(b, 1);
 *      mgr_builder_add(b, 2.5);
 *      mgr_builder_end(b);
 *      mgr_builder_end(b);
 *      r = mgr_builder_finish(b, &value);      {'name': 'Bob', 'scores': [1, 2.5]}
 *
 * In a dict keys and values take turns. The steps return nothing: what goes wrong
 * is remembered and told by mgr_builder_finish().
 */
int mgr_builder_new(mgr_builder **builder);
void mgr_builder_begin(mgr_builder *builder, mgr_kind kind); /* LIST, DICT, TUPLE, SET, FROZENSET */
void mgr_builder_add_value(mgr_builder *builder, const mgr_value *value);
void mgr_builder_end(mgr_builder *builder);

/*
 * The one value that was composed; the builder is empty again, also after an
 * error. MGR_EVALUE for steps that make no value, MGR_EBAD_REQUEST for equal or
 * unhashable keys, MGR_ETOO_LARGE beyond MGR_MAX_DEPTH levels, MGR_EUNICODE.
 */
int mgr_builder_finish(mgr_builder *builder, mgr_value *value);
void mgr_builder_free(mgr_builder *builder);

/*
 * How many levels of containers a value may have here. A daemon takes 16, or as many as its
 * option --max-depth says; beyond that its answer is MGR_ETOO_LARGE.
 */
#define MGR_MAX_DEPTH 60

/* In one step: a container of n values; of a dict n pairs, 2 n values, key and value in turn. */
int mgr_compose(mgr_kind kind, const mgr_value *values, size_t n, mgr_value *container);

/* -- Managers ----------------------------------------------------------------------------- */

#define MGR_FOREVER ((double)INFINITY)

enum {
        /*
         * A signal handler that runs while a call waits that has a parameter `timeout`, be it
         * MGR_FOREVER, or was made by mgr_proxy_call(), ends it, also where it was set with
         * SA_RESTART: MGR_EINTERRUPTED, and the call had no effect (but see
         * mgr_condition_wait()). Where its effect came first the call succeeds. A signal just
         * before the call begins to wait does not end it: who must be sure sends another one.
         */
        MGR_INTERRUPTIBLE = 1 << 0,
};

/* What can be chosen. Begin with MGR_OPTIONS_INIT; zero means the default. Strings are copied. */
typedef struct mgr_options {
        size_t size;          /* sizeof(mgr_options), so that members can be added */
        const char *managerd; /* start: the daemon's program. Default: see mgr_manager_start() */
        const void *authkey;  /* the shared secret; or */
        size_t authkey_size;
        const char *authkey_file; /* a file that only its owner can read */
        const char *name;         /* what listings call this process; default: its program's name */
        double connect_timeout;   /* seconds to connect or start; default 10 */
        double call_timeout;      /* seconds that a call may take, see below; default MGR_FOREVER */
        double shutdown_timeout;  /* seconds to wait for a started daemon's end; default 5 */
        unsigned flags;           /* MGR_INTERRUPTIBLE */
        unsigned reserved0;
        void *reserved[4];
} mgr_options;

#define MGR_OPTIONS_INIT                                                                           \
        {                                                                                          \
                sizeof(mgr_options), NULL, NULL, 0, NULL, NULL, 0, 0, 0, 0, 0,                     \
                {                                                                                  \
                        NULL, NULL, NULL, NULL                                                     \
                }                                                                                  \
        }

/*
 * call_timeout is for daemons that do not answer: MGR_ETIMEOUT, and a call that writes may be
 * made all the same. For methods that wait it begins when their own timeout has passed. Where
 * one of them, a call by mgr_proxy_call() or a batch is given up, it is withdrawn by closing the
 * thread's connection, and the locks that the thread holds are lost with it (MGR_EOWNER_LOST).
 */

/*
 * Starts a daemon of one's own: Manager(). It lives as long as this process, ends
 * with it however it ends, and is reached by this process, its children and whoever
 * has its address and authkey. The program is options->managerd, else
 * $MANAGERD, else one beside this library or the program that runs, else the
 * installed one, else one in $PATH. Without an authkey it is that of the current process
 * (mgr_process_authkey()). The daemon is not a child of the caller: wait() does not see it. On
 * failure *m is NULL, here and below. MGR_ESTART.
 */
int mgr_manager_start(mgr_manager **m, const mgr_options *options);

/*
 * Connects to a daemon that runs: SyncManager(address, authkey).connect(). NULL is
 * the default address, $XDG_RUNTIME_DIR/managerd/manager.sock or
 * /tmp/managerd-UID/manager.sock; without an authkey the file "authkey" beside the
 * socket is read. MGR_ECONNECT: nobody is there, or there is no room for us;
 * MGR_EAUTHENTICATION: the key is missing or another one, or the daemon is not for this user.
 */
int mgr_connect(mgr_manager **m, const char *address, const mgr_options *options);

/*
 * What the end of Python's `with Manager()` does: a daemon that this process
 * started ends, and its directory is removed; other connections are
 * just closed. Proxies that are left fail with MGR_EGONE and still want to
 * be freed. No other thread may be inside a call. NULL is fine.
 */
void mgr_manager_free(mgr_manager *m);

/* Where the daemon listens: SyncManager.address. The manager's own. */
const char *mgr_manager_address(const mgr_manager *m);

/*
 * Asks the daemon to end, whoever started it; returns once it has said yes.
 * SyncManager.shutdown().
 */
int mgr_manager_shutdown(mgr_manager *m);

/* Nothing but a round trip: is the daemon there? */
int mgr_manager_ping(mgr_manager *m);

/* How many objects somebody refers to: SyncManager._number_of_objects(). */
int mgr_manager_number_of_objects(mgr_manager *m, size_t *n);

/* A text with a paragraph for each object: SyncManager._debug_info(). */
int mgr_manager_debug_info(mgr_manager *m, mgr_value *text);

/*
 * Takes the name from a named object, which then lives as long as others. 1, or 0 where there
 * was none.
 */
int mgr_manager_unlink(mgr_manager *m, const char *name);

/*
 * Any server-level call of PROTOCOL.md, as mgr_manager_call(m, "stats", NULL, 0, &result).
 * `result` may be NULL.
 */
int mgr_manager_call(mgr_manager *m, const char *name, const mgr_value *args, size_t n_args,
                     mgr_value *result);

/* -- Proxies of any type -------------------------------------------------------------------- */

/*
 * A new object of the type with this name: getattr(m, typeid)(*args). It lives as long
 * as some process has a proxy of it, or another object holds one. MGR_EKEY where there is no such
 * type; else what its constructor raised: MGR_ETYPE, MGR_EVALUE …
 */
int mgr_proxy_new(mgr_manager *m, const char *type, const mgr_value *args, size_t n_args,
                  mgr_proxy **proxy);

/*
 * The object with this name, made with the arguments where there is none; where there is one the
 * arguments play no part. It stays until mgr_manager_unlink(), whoever comes and goes. MGR_ETYPE
 * where it is of another type.
 */
int mgr_proxy_open(mgr_manager *m, const char *type, const char *name, const mgr_value *args,
                   size_t n_args, mgr_proxy **proxy);

/*
 * An object that exists, of whatever type: `what` is its name, or its ident as
 * listings tell it, or a proxy. Nothing is made. MGR_ENAME where no object has the name.
 */
int mgr_proxy_find(mgr_manager *m, const mgr_value *what, mgr_proxy **proxy);

/* One more owner of the same proxy, which wants a free() of its own. Returns the proxy. */
mgr_proxy *mgr_proxy_ref(mgr_proxy *proxy);

/* Does not wait: the daemon hears of it with the next call. NULL is fine. */
void mgr_proxy_free(mgr_proxy *proxy);

const char *mgr_proxy_typeid(const mgr_proxy *proxy);
uint64_t mgr_proxy_ident(const mgr_proxy *proxy);

/*
 * Any method by its name in Python, "__len__" too. `result` may be NULL. Never repeated by
 * itself. A method that waits does so as long as its arguments say; what it acquires is the
 * thread's, of whose loss MGR_EOWNER_LOST does not tell.
 */
int mgr_proxy_call(const mgr_proxy *proxy, const char *method, const mgr_value *args, size_t n_args,
                   mgr_value *result);

/* The same with keyword arguments: `kwds` is a dict whose keys are str, or NULL. */
int mgr_proxy_call_kw(const mgr_proxy *proxy, const char *method, const mgr_value *args,
                      size_t n_args, const mgr_value *kwds, mgr_value *result);

/* The whole value of the referent: proxy._getvalue(). MGR_ETYPE where it has none, as a lock. */
int mgr_proxy_value(const mgr_proxy *proxy, mgr_value *value);

/* repr(referent) and str(referent), as a value of kind str; ..._repr() of each type is the same. */
int mgr_proxy_repr(const mgr_proxy *proxy, mgr_value *text);
int mgr_proxy_str(const mgr_proxy *proxy, mgr_value *text);

/* -- Dicts -------------------------------------------------------------------------------- */

/* m.dict(); m.dict(content), a mapping or pairs; and a named one, see mgr_proxy_open(). */
int mgr_dict_new(mgr_manager *m, mgr_dict **dict);
int mgr_dict_new_value(mgr_manager *m, const mgr_value *content, mgr_dict **dict);
int mgr_dict_open(mgr_manager *m, const char *name, mgr_dict **dict);

mgr_dict *mgr_dict_ref(mgr_dict *dict);
void mgr_dict_free(mgr_dict *dict);

/* The same proxy by its general type, for mgr_proxy_call(). Not to be freed. */
mgr_proxy *mgr_dict_proxy(const mgr_dict *dict);

/*
 * Keys are any hashable values, equal as in Python: 1, 1.0 and True are one key.
 * Each function with a key can fail with MGR_ETYPE: "unhashable type: 'list'".
 */

/* d[key] = value */
int mgr_dict_set_value(const mgr_dict *d, const mgr_value *key, const mgr_value *value);

/* d[key]. MGR_EKEY. */
int mgr_dict_get_value(const mgr_dict *d, const mgr_value *key, mgr_value *value);

/* d.get(key, fallback): the fallback where there is no such key. */
int mgr_dict_get_default_value(const mgr_dict *d, const mgr_value *key, const mgr_value *fallback,
                               mgr_value *value);

/* del d[key]. MGR_EKEY. */
int mgr_dict_delete_value(const mgr_dict *d, const mgr_value *key);

/* key in d: 1 or 0. */
int mgr_dict_contains_value(const mgr_dict *d, const mgr_value *key);

/* d.pop(key) and d.pop(key, fallback): takes it out. The first one can fail with MGR_EKEY. */
int mgr_dict_pop_value(const mgr_dict *d, const mgr_value *key, mgr_value *value);
int mgr_dict_pop_default_value(const mgr_dict *d, const mgr_value *key, const mgr_value *fallback,
                               mgr_value *value);

/* d.popitem(): takes out what came last. MGR_EKEY where the dict is empty. */
int mgr_dict_popitem(const mgr_dict *d, mgr_value *key, mgr_value *value);

/* d.setdefault(key, fallback): d[key], which is the fallback from now on where there was none. */
int mgr_dict_setdefault_value(const mgr_dict *d, const mgr_value *key, const mgr_value *fallback,
                              mgr_value *value);

/* d.update(other): a dict value, a proxy of a dict, or a list of pairs; all of it at once. */
int mgr_dict_update_value(const mgr_dict *d, const mgr_value *other);

/* len(d) */
int mgr_dict_len(const mgr_dict *d, size_t *n);

/*
 * d.keys(), d.values(), d.items() (a list of tuples), list(reversed(d)): lists, in order of
 * insertion.
 */
int mgr_dict_keys(const mgr_dict *d, mgr_value *list);
int mgr_dict_values(const mgr_dict *d, mgr_value *list);
int mgr_dict_items(const mgr_dict *d, mgr_value *list);
int mgr_dict_reversed(const mgr_dict *d, mgr_value *list);

/* d.clear() */
int mgr_dict_clear(const mgr_dict *d);

/* d.copy(): a dict value, here. */
int mgr_dict_copy(const mgr_dict *d, mgr_value *dict);

/* d | other and other | d: a dict value, here. d |= other is mgr_dict_update(). */
int mgr_dict_or_value(const mgr_dict *d, const mgr_value *other, mgr_value *dict);
int mgr_dict_ror_value(const mgr_dict *d, const mgr_value *other, mgr_value *dict);

/* d.fromkeys(keys, value): a dict value, here, with these keys; d is not concerned. */
int mgr_dict_fromkeys_value(const mgr_dict *d, const mgr_value *keys, const mgr_value *value,
                            mgr_value *dict);

/*
 * d[key] += delta as one call, so that no increment is lost; a missing key counts as 0.
 * *value becomes the sum, and may be NULL. MGR_ETYPE where either is no number.
 */
int mgr_dict_incr_value(const mgr_dict *d, const mgr_value *key, const mgr_value *delta,
                        mgr_value *value);

/*
 * d[key] = desired if d[key] == expected, as one call: 1, or 0 where it was not and
 * nothing changed. `expected` NULL: if there is no such key; `desired` NULL: del d[key]; both by
 * the function, because the macro knows no NULL.
 * MGR_EKEY where something is expected and there is no such key.
 */
int mgr_dict_compare_and_swap_value(const mgr_dict *d, const mgr_value *key,
                                    const mgr_value *expected, const mgr_value *desired);

/* [d.get(key) for key in keys], as one call: a list with None where there is no such key. */
int mgr_dict_get_many(const mgr_dict *d, const mgr_value *keys, size_t n_keys, mgr_value *list);

/*
 * The next items in order of insertion, at most `count`, as a list of [key, value], for
 * dicts too big for one reply; a page may be shorter than asked for. *cursor begins as
 * MGR_NONE, is moved on, and is MGR_NONE again behind the last page; one that is given
 * up halfway wants mgr_value_clear(). 1, or 0 where this page is the last. Items that others
 * insert or delete meanwhile may be seen or not; all others are seen, once.
 */
int mgr_dict_page(const mgr_dict *d, mgr_value *cursor, size_t count, mgr_value *items);

/* repr(d) and str(d), the same for a dict: "{'age': 18}", as a str. */
int mgr_dict_repr(const mgr_dict *d, mgr_value *text);
int mgr_dict_str(const mgr_dict *d, mgr_value *text);

/* -- Lists -------------------------------------------------------------------------------- */

/* Stands for what is left out in a slice. */
#define MGR_OMIT INT64_MIN

/* l[start:stop:step]: { 1, MGR_OMIT, MGR_OMIT } is l[1:]. */
typedef struct mgr_slice {
        int64_t start, stop, step;
} mgr_slice;

static inline mgr_slice mgr_slice_of(int64_t start, int64_t stop)
{
        mgr_slice slice = { start, stop, MGR_OMIT };

        return slice;
}

static inline mgr_slice mgr_slice_by(int64_t start, int64_t stop, int64_t step)
{
        mgr_slice slice = { start, stop, step };

        return slice;
}

/* m.list(); m.list(content), anything that can be iterated over; and a named one. */
int mgr_list_new(mgr_manager *m, mgr_list **list);
int mgr_list_new_value(mgr_manager *m, const mgr_value *content, mgr_list **list);
int mgr_list_open(mgr_manager *m, const char *name, mgr_list **list);

mgr_list *mgr_list_ref(mgr_list *list);
void mgr_list_free(mgr_list *list);
mgr_proxy *mgr_list_proxy(const mgr_list *list);

/* An index below 0 counts from the end: -1 is the last element. */

/* l[index] = value. MGR_EINDEX. */
int mgr_list_set_value(const mgr_list *l, int64_t index, const mgr_value *value);

/* l[index]. MGR_EINDEX. */
int mgr_list_get_value(const mgr_list *l, int64_t index, mgr_value *value);

/* del l[index]. MGR_EINDEX. */
int mgr_list_delete(const mgr_list *l, int64_t index);

/*
 * l[a:b:c], l[a:b:c] = values, del l[a:b:c]. MGR_EVALUE for a step of 0, or where an
 * extended slice is given another number of values than it has.
 */
int mgr_list_get_slice(const mgr_list *l, mgr_slice slice, mgr_value *list);
int mgr_list_set_slice_value(const mgr_list *l, mgr_slice slice, const mgr_value *values);
int mgr_list_delete_slice(const mgr_list *l, mgr_slice slice);

/* l.append(value), l.insert(index, value) */
int mgr_list_append_value(const mgr_list *l, const mgr_value *value);
int mgr_list_insert_value(const mgr_list *l, int64_t index, const mgr_value *value);

/* l.extend(values): anything that can be iterated over, a proxy of a list too. l += values. */
int mgr_list_extend_value(const mgr_list *l, const mgr_value *values);

/* l.pop(index), l.pop(-1) for the last one. MGR_EINDEX. */
int mgr_list_pop_value(const mgr_list *l, int64_t index, mgr_value *value);

/* l.remove(value): the first that is equal. MGR_EVALUE. */
int mgr_list_remove_value(const mgr_list *l, const mgr_value *value);

/* value in l: 1 or 0. */
int mgr_list_contains_value(const mgr_list *l, const mgr_value *value);

/*
 * l.index(value, start, stop), where 0 and MGR_OMIT search all of it. MGR_EVALUE where it is
 * not there.
 */
int mgr_list_index_value(const mgr_list *l, const mgr_value *value, int64_t start, int64_t stop,
                         size_t *index);

/* l.count(value) */
int mgr_list_count_value(const mgr_list *l, const mgr_value *value, size_t *n);

/* len(l) */
int mgr_list_len(const mgr_list *l, size_t *n);

/* l.reverse(), l.clear() */
int mgr_list_reverse(const mgr_list *l);
int mgr_list_clear(const mgr_list *l);

/* l.sort(reverse=…): stable. MGR_ETYPE where two elements have no order. */
int mgr_list_sort(const mgr_list *l, bool reverse);

/* l.copy(), list(reversed(l)), l + other, l * n: lists here, the shared one stays as it is. */
int mgr_list_copy(const mgr_list *l, mgr_value *list);
int mgr_list_reversed(const mgr_list *l, mgr_value *list);
int mgr_list_add_value(const mgr_list *l, const mgr_value *other, mgr_value *list);
int mgr_list_mul(const mgr_list *l, int64_t n, mgr_value *list);

/* l *= n */
int mgr_list_imul(const mgr_list *l, int64_t n);

/* l[index] += delta as one call. *value becomes the sum, and may be NULL. MGR_EINDEX, MGR_ETYPE. */
int mgr_list_incr_value(const mgr_list *l, int64_t index, const mgr_value *delta, mgr_value *value);

/* l[index] = desired if l[index] == expected, as one call: 1, or 0 where it was not. MGR_EINDEX. */
int mgr_list_compare_and_swap_value(const mgr_list *l, int64_t index, const mgr_value *expected,
                                    const mgr_value *desired);

/* [l[i] for i in indexes], as one call. MGR_EINDEX. */
int mgr_list_get_many(const mgr_list *l, const int64_t *indexes, size_t n, mgr_value *list);

/*
 * l[*start : *start + count], for lists too big for one reply; a page may be shorter than
 * asked for. *start is moved to where the next page begins. 1, or 0 where this one is the last.
 */
int mgr_list_page(const mgr_list *l, uint64_t *start, size_t count, mgr_value *list);

/*
 * Waits until the list has an element and takes out the first one: l.pop(0) that waits.
 * Those who wait are served in their order. MGR_EEMPTY after `timeout` seconds.
 */
int mgr_list_take_value(const mgr_list *l, double timeout, mgr_value *value);

/* repr(l) and str(l), the same for a list: "[1, 2.5, 'x']", as a str. */
int mgr_list_repr(const mgr_list *l, mgr_value *text);
int mgr_list_str(const mgr_list *l, mgr_value *text);

/* -- Sets --------------------------------------------------------------------------------- */

/* m.set(); m.set(content), anything that can be iterated over; and a named one. */
int mgr_set_new(mgr_manager *m, mgr_set **set);
int mgr_set_new_value(mgr_manager *m, const mgr_value *content, mgr_set **set);
int mgr_set_open(mgr_manager *m, const char *name, mgr_set **set);

mgr_set *mgr_set_ref(mgr_set *set);
void mgr_set_free(mgr_set *set);
mgr_proxy *mgr_set_proxy(const mgr_set *set);

/*
 * Elements are any hashable values, equal as a dict's keys are, and in order of insertion. Each
 * function with an element can fail with MGR_ETYPE: "unhashable type: 'list'".
 */

/* s.add(element): nothing is changed where it is there. */
int mgr_set_add_value(const mgr_set *s, const mgr_value *element);

/* s.discard(element), and s.remove(element), which can fail with MGR_EKEY where it is not there. */
int mgr_set_discard_value(const mgr_set *s, const mgr_value *element);
int mgr_set_remove_value(const mgr_set *s, const mgr_value *element);

/* element in s: 1 or 0. */
int mgr_set_contains_value(const mgr_set *s, const mgr_value *element);

/* s.pop(): takes out what came first. `element` may be NULL. MGR_EKEY where the set is empty. */
int mgr_set_pop_value(const mgr_set *s, mgr_value *element);

/*
 * `other` is anything that can be iterated over: a set, list or dict value, or a proxy of one;
 * else MGR_ETYPE, also for an element that is unhashable. The daemon does the work: what a
 * proxy stands for does not travel. Several others in one call: mgr_proxy_call().
 */

/* s.update(other), s |= other: adds all elements, at once. */
int mgr_set_update_value(const mgr_set *s, const mgr_value *other);

/* s &= other, s -= other, s ^= other: keeps, takes out, exchanges what both have. */
int mgr_set_intersection_update_value(const mgr_set *s, const mgr_value *other);
int mgr_set_difference_update_value(const mgr_set *s, const mgr_value *other);
int mgr_set_symmetric_difference_update_value(const mgr_set *s, const mgr_value *other);

/* s | other, s & other, s - other, s ^ other: a set value, here; the shared one stays as it is. */
int mgr_set_union_value(const mgr_set *s, const mgr_value *other, mgr_value *set);
int mgr_set_intersection_value(const mgr_set *s, const mgr_value *other, mgr_value *set);
int mgr_set_difference_value(const mgr_set *s, const mgr_value *other, mgr_value *set);
int mgr_set_symmetric_difference_value(const mgr_set *s, const mgr_value *other, mgr_value *set);

/* s.isdisjoint(other), s <= other, s >= other: 1 or 0. */
int mgr_set_isdisjoint_value(const mgr_set *s, const mgr_value *other);
int mgr_set_issubset_value(const mgr_set *s, const mgr_value *other);
int mgr_set_issuperset_value(const mgr_set *s, const mgr_value *other);

/* len(s) */
int mgr_set_len(const mgr_set *s, size_t *n);

/* s.clear() */
int mgr_set_clear(const mgr_set *s);

/* s.copy(): a set value, here. */
int mgr_set_copy(const mgr_set *s, mgr_value *set);

/* The next elements, as a list: as mgr_dict_page(), cursor and result too. */
int mgr_set_page(const mgr_set *s, mgr_value *cursor, size_t count, mgr_value *elements);

/* repr(s) and str(s), the same for a set: "{1, 'x'}", as a str. */
int mgr_set_repr(const mgr_set *s, mgr_value *text);
int mgr_set_str(const mgr_set *s, mgr_value *text);

/* -- Walking through a dict, list or set that is shared ---------------------------------------- */

/*
 * Fetches a page at a time: for k, v in d.items(), for x in l. See mgr_dict_page() for
 * what happens to those that change meanwhile.
 */
typedef struct mgr_walk mgr_walk;

int mgr_dict_walk(const mgr_dict *d, mgr_walk **walk);
int mgr_list_walk(const mgr_list *l, mgr_walk **walk);
int mgr_set_walk(const mgr_set *s, mgr_walk **walk);

/*
 * The next item: 1, 0 at the end, or an error. In a list the key is the index, in a set
 * key and value are both the element. They are borrowed until the next call, not to be
 * cleared; either may be NULL.
 */
int mgr_walk_next(mgr_walk *walk, mgr_value *key, mgr_value *value);
void mgr_walk_free(mgr_walk *walk);

/* -- Namespaces --------------------------------------------------------------------------- */

/*
 * m.Namespace(); m.Namespace(**content), a dict value, or a proxy of a dict or namespace; and a
 * named one, see mgr_proxy_open().
 */
int mgr_namespace_new(mgr_manager *m, mgr_namespace **ns);
int mgr_namespace_new_value(mgr_manager *m, const mgr_value *content, mgr_namespace **ns);
int mgr_namespace_open(mgr_manager *m, const char *name, mgr_namespace **ns);

mgr_namespace *mgr_namespace_ref(mgr_namespace *ns);
void mgr_namespace_free(mgr_namespace *ns);
mgr_proxy *mgr_namespace_proxy(const mgr_namespace *ns);

/*
 * Attributes have names, of which those that begin and end with two underscores are
 * Python's: MGR_EATTRIBUTE where one of them is to be changed.
 */

/* ns.name = value */
int mgr_namespace_set_value(const mgr_namespace *ns, const char *name, const mgr_value *value);

/* ns.name. MGR_EATTRIBUTE. */
int mgr_namespace_get_value(const mgr_namespace *ns, const char *name, mgr_value *value);

/* del ns.name. MGR_EATTRIBUTE. */
int mgr_namespace_delete(const mgr_namespace *ns, const char *name);

/* vars(ns): all attributes as a dict value, in order of insertion. */
int mgr_namespace_dict(const mgr_namespace *ns, mgr_value *dict);

/*
 * ns.name += delta as one call. *value becomes the sum, and may be NULL. MGR_EATTRIBUTE,
 * MGR_ETYPE.
 */
int mgr_namespace_incr_value(const mgr_namespace *ns, const char *name, const mgr_value *delta,
                             mgr_value *value);

/*
 * ns.name = desired if ns.name == expected, as one call: 1, or 0 where it was not.
 * `expected` NULL: if there is no such attribute; `desired` NULL: del ns.name; both by the
 * function, because the macro knows no NULL. MGR_EATTRIBUTE
 * where something is expected and there is no such attribute.
 */
int mgr_namespace_compare_and_swap_value(const mgr_namespace *ns, const char *name,
                                         const mgr_value *expected, const mgr_value *desired);

/* repr(ns) and str(ns), the same for a namespace: "Namespace(age=18)", as a str. */
int mgr_namespace_repr(const mgr_namespace *ns, mgr_value *text);
int mgr_namespace_str(const mgr_namespace *ns, mgr_value *text);

/* -- Cells: Python's Value ---------------------------------------------------------------- */

/*
 * m.Value(typecode, value): one value that is shared. Its name here is cell, because mgr_value is
 * any value. The typecode ("i", "d" …) is only shown, the value may be any. The
 * named one is made with the value where there is none. Open and new are macros, too:
 * mgr_cell_new(m, "i", 5, &cell).
 */
int mgr_cell_new_value(mgr_manager *m, const char *typecode, const mgr_value *value,
                       mgr_cell **cell);
int mgr_cell_open_value(mgr_manager *m, const char *name, const char *typecode,
                        const mgr_value *value, mgr_cell **cell);

mgr_cell *mgr_cell_ref(mgr_cell *cell);
void mgr_cell_free(mgr_cell *cell);
mgr_proxy *mgr_cell_proxy(const mgr_cell *cell);

/* c.value = value, or c.set(value) */
int mgr_cell_set_value(const mgr_cell *c, const mgr_value *value);

/* c.value, or c.get() */
int mgr_cell_get_value(const mgr_cell *c, mgr_value *value);

/*
 * c.value += delta as one call, so that no increment is lost. *value becomes the sum, and may be
 * NULL. MGR_ETYPE.
 */
int mgr_cell_incr_value(const mgr_cell *c, const mgr_value *delta, mgr_value *value);

/* Sets it to `desired`; *value becomes what it was before, and may be NULL. One call. */
int mgr_cell_swap_value(const mgr_cell *c, const mgr_value *desired, mgr_value *value);

/* c.value = desired if c.value == expected, as one call: 1, or 0 where it was not. */
int mgr_cell_compare_and_swap_value(const mgr_cell *c, const mgr_value *expected,
                                    const mgr_value *desired);

/* repr(c) and str(c), the same for a cell: "Value('i', 5)", as a str. */
int mgr_cell_repr(const mgr_cell *c, mgr_value *text);
int mgr_cell_str(const mgr_cell *c, mgr_value *text);

/* -- Arrays ------------------------------------------------------------------------------- */

/*
 * m.Array(typecode, items): numbers of one C type, which take no more room than they do in C.
 * Typecodes are Python's: b h i l q (signed, of 1, 2, 4, 8 and 8 bytes), B H I L Q (unsigned),
 * f d (float, double), u (characters, of 4 bytes). `content` is anything that can
 * be iterated over, an array value, or bytes, which are the items themselves, little-endian. What
 * does not fit is refused, never cut: MGR_EOVERFLOW, MGR_ETYPE; MGR_EVALUE where there is no such
 * typecode. mgr_array_new() takes a C array of long long or double for any typecode. The
 * named one is made with the content where there is none; NULL is none.
 */
int mgr_array_new_ints(mgr_manager *m, char typecode, const long long *items, size_t n,
                       mgr_array **array);
int mgr_array_new_doubles(mgr_manager *m, char typecode, const double *items, size_t n,
                          mgr_array **array);
int mgr_array_new_value(mgr_manager *m, char typecode, const mgr_value *content, mgr_array **array);
int mgr_array_open_value(mgr_manager *m, const char *name, char typecode, const mgr_value *content,
                         mgr_array **array);

mgr_array *mgr_array_ref(mgr_array *array);
void mgr_array_free(mgr_array *array);
mgr_proxy *mgr_array_proxy(const mgr_array *array);

/* An index below 0 counts from the end: -1 is the last item. */

/* a[index] = value. MGR_EINDEX; MGR_ETYPE or MGR_EOVERFLOW where the item cannot be that. */
int mgr_array_set_value(const mgr_array *a, int64_t index, const mgr_value *value);

/* a[index]. MGR_EINDEX. */
int mgr_array_get_value(const mgr_array *a, int64_t index, mgr_value *value);

/* len(a) */
int mgr_array_len(const mgr_array *a, size_t *n);

/*
 * a[start : start + n], converted into C's own: *n_read (may be NULL) becomes how many there
 * were. All of them are from the same moment. MGR_ETYPE for ints out of floats, or numbers out of
 * characters; MGR_EOVERFLOW beyond long long. The macro is mgr_array_read().
 */
int mgr_array_read_ints(const mgr_array *a, size_t start, long long *items, size_t n,
                        size_t *n_read);
int mgr_array_read_doubles(const mgr_array *a, size_t start, double *items, size_t n,
                           size_t *n_read);

/*
 * a[i:j:k] as an array value, a[i:j:k] = array, which is such a value (mgr_compose_array()) or a
 * proxy of an array, of the same typecode: MGR_ETYPE. An array of no items deletes the slice;
 * else a slice with a step takes as many as it has: MGR_EVALUE.
 */
int mgr_array_get_slice(const mgr_array *a, mgr_slice slice, mgr_value *array);
int mgr_array_set_slice_value(const mgr_array *a, mgr_slice slice, const mgr_value *array);

/*
 * a[index] += delta as one call. *value becomes what the item is then, and may be NULL.
 * MGR_EINDEX, MGR_ETYPE; MGR_EOVERFLOW: it does not wrap around.
 */
int mgr_array_incr_value(const mgr_array *a, int64_t index, const mgr_value *delta,
                         mgr_value *value);

/* a[index] = desired if a[index] == expected, as one call: 1, or 0 where it was not. MGR_EINDEX. */
int mgr_array_compare_and_swap_value(const mgr_array *a, int64_t index, const mgr_value *expected,
                                     const mgr_value *desired);

/* As mgr_list_page(): the items as a list. */
int mgr_array_page(const mgr_array *a, uint64_t *start, size_t count, mgr_value *list);

/* repr(a) and str(a), the same for an array: "array('i', [1, 2])", as a str. */
int mgr_array_repr(const mgr_array *a, mgr_value *text);
int mgr_array_str(const mgr_array *a, mgr_value *text);

/*
 * An array value of n items, which lie in C as the typecode says: int8_t for b, int64_t for
 * l and q, uint32_t for u … MGR_EVALUE where there is no such typecode. To be cleared.
 */
int mgr_compose_array(char typecode, const void *items, size_t n, mgr_value *array);

/* The typecode of an array value, '\0' of anything else. Its length is mgr_value_len(). */
char mgr_value_typecode(const mgr_value *array);

/* Items of an array value from `start` on, n at most. The errors are those of mgr_array_read(). */
int mgr_value_read_ints(const mgr_value *array, size_t start, long long *items, size_t n,
                        size_t *n_read);
int mgr_value_read_doubles(const mgr_value *array, size_t start, double *items, size_t n,
                           size_t *n_read);

/* -- Locks -------------------------------------------------------------------------------- */

enum {
        /*
         * What acquiring returns where whoever had it died and left it to the caller: it is
         * the caller's now, but what it guards may have been left half done.
         */
        MGR_OWNER_DIED = 1,
};

/* What there is to know of a lock or permit that was acquired. */
typedef struct mgr_grant {
        uint64_t fence;   /* grows with every grant of the daemon: for others to refuse the stale;
                           * 0 for a permit that only signals */
        int64_t dead_pid; /* with MGR_OWNER_DIED: of whoever had it before; else 0 */
        void *reserved[2];
} mgr_grant;

/*
 * m.Lock() and m.RLock(). A Lock is taken once, and released by anybody. An RLock belongs to the
 * thread that took it, which may take it again and releases it as often. Who waits is served in
 * order of arrival. They end with the thread's connection: when the thread, or its
 * process, ends in whatever way, they can be had by the next one, who is told.
 *
 * A thread that loses its connection and lives is told, too: its next call of any kind fails with
 * MGR_EOWNER_LOST, and was not made. It counts the locks that this process acquired by the
 * functions below, and that nobody in it released since; so also one that another process has
 * released, and semaphores of which it had a permit. It does not count what was acquired by
 * mgr_proxy_call(), in a batch or by calls in flight (mgr_calls), nor a queue's items that are in
 * flight, which others get then.
 *
 * Where threads would wait for each other for ever, be they of one process or of many, the
 * acquire that would make it so fails with MGR_EDEADLOCK; mgr_errmsg() names the objects and
 * processes. Only acquires with MGR_FOREVER count for that, and Locks that were released by nobody
 * but their holders.
 */
enum {
        MGR_NO_DEADLOCK = 1 << 0, /* Lock(deadlock=False): no such error comes from this lock */
};

/* Who has a lock. */
typedef struct mgr_holder {
        int64_t pid;      /* 0 where the daemon does not know it */
        uint64_t session; /* as listings number them */
        uint64_t fence;
        uint64_t count; /* levels of an RLock */
        double seconds; /* since it was acquired */
        bool abandoned; /* he died, and nobody has taken it over yet */
        uint64_t reserved[4];
} mgr_holder;

/* New ones, with flags where wanted; and named ones, see mgr_proxy_open(). */
int mgr_lock_new(mgr_manager *m, mgr_lock **lock);
int mgr_lock_new_flags(mgr_manager *m, unsigned flags, mgr_lock **lock);
int mgr_lock_open(mgr_manager *m, const char *name, mgr_lock **lock);
int mgr_lock_open_flags(mgr_manager *m, const char *name, unsigned flags, mgr_lock **lock);

mgr_lock *mgr_lock_ref(mgr_lock *lock);
void mgr_lock_free(mgr_lock *lock); /* does not release it */
mgr_proxy *mgr_lock_proxy(const mgr_lock *lock);

int mgr_rlock_new(mgr_manager *m, mgr_rlock **lock);
int mgr_rlock_new_flags(mgr_manager *m, unsigned flags, mgr_rlock **lock);
int mgr_rlock_open(mgr_manager *m, const char *name, mgr_rlock **lock);
int mgr_rlock_open_flags(mgr_manager *m, const char *name, unsigned flags, mgr_rlock **lock);

mgr_rlock *mgr_rlock_ref(mgr_rlock *lock);
void mgr_rlock_free(mgr_rlock *lock);
mgr_proxy *mgr_rlock_proxy(const mgr_rlock *lock);

/*
 * lock.acquire(timeout=timeout): waits until the lock is ours, for at most `timeout` seconds: 0,
 * or MGR_OWNER_DIED, and it is ours, too. *grant tells more, and may be NULL. MGR_ETIMEOUT;
 * MGR_EDEADLOCK; MGR_EINTERRUPTED, see MGR_INTERRUPTIBLE: then it is not ours. Nor is it after
 * MGR_EUNKNOWN_OUTCOME; but where the daemon had given it to us by then, the next one is told that
 * its owner died. A thread that acquires a Lock twice waits for who releases it.
 */
int mgr_lock_acquire(const mgr_lock *lock, double timeout, mgr_grant *grant);
int mgr_rlock_acquire(const mgr_rlock *lock, double timeout, mgr_grant *grant);

/*
 * lock.release(). MGR_ERUNTIME where it is not locked; of an RLock, where it is not this thread's.
 * A Lock that was taken over from somebody who died stands one release by others for each of
 * those, without being released.
 */
int mgr_lock_release(const mgr_lock *lock);
int mgr_rlock_release(const mgr_rlock *lock);

/* lock.locked(): 1 or 0. Who died with it has it locked until somebody comes. */
int mgr_lock_locked(const mgr_lock *lock);
int mgr_rlock_locked(const mgr_rlock *lock);

/* The number of the grant by which this process has it. MGR_ERUNTIME where it has not. */
int mgr_lock_fence(const mgr_lock *lock, uint64_t *fence);
int mgr_rlock_fence(const mgr_rlock *lock, uint64_t *fence);

/* Who has it: 1, or 0 where nobody has, and *holder stays as it is. */
int mgr_lock_holder(const mgr_lock *lock, mgr_holder *holder);
int mgr_rlock_holder(const mgr_rlock *lock, mgr_holder *holder);

/* repr(lock) and str(lock), as strs that tell whether it is locked. */
int mgr_lock_repr(const mgr_lock *lock, mgr_value *text);
int mgr_lock_str(const mgr_lock *lock, mgr_value *text);
int mgr_rlock_repr(const mgr_rlock *lock, mgr_value *text);
int mgr_rlock_str(const mgr_rlock *lock, mgr_value *text);

/* -- Conditions --------------------------------------------------------------------------- */

/*
 * m.Condition(lock): `lock` is the proxy of a Lock or an RLock, mgr_lock_proxy(lock), or NULL for
 * an RLock of its own; and a named one, made over that lock where there is none.
 */
int mgr_condition_new(mgr_manager *m, const mgr_proxy *lock, mgr_condition **condition);
int mgr_condition_open(mgr_manager *m, const char *name, const mgr_proxy *lock,
                       mgr_condition **condition);

mgr_condition *mgr_condition_ref(mgr_condition *condition);
void mgr_condition_free(mgr_condition *condition);
mgr_proxy *mgr_condition_proxy(const mgr_condition *condition);

/* A new proxy of its lock, of type Lock or RLock. */
int mgr_condition_lock(const mgr_condition *c, mgr_proxy **lock);

/* c.acquire(), c.release(), c.locked(): the lock's own, see mgr_rlock_acquire(). */
int mgr_condition_acquire(const mgr_condition *c, double timeout, mgr_grant *grant);
int mgr_condition_release(const mgr_condition *c);
int mgr_condition_locked(const mgr_condition *c);

/*
 * c.wait(timeout): gives up the lock, waits until it is notified, for at most `timeout` seconds,
 * and returns when it has the lock again, however long that takes: 0, or MGR_OWNER_DIED where
 * somebody died with the lock meanwhile. MGR_ETIMEOUT and MGR_EINTERRUPTED have the lock again,
 * too; a notification that came just then went to the next one. *grant (may be NULL) is written
 * in all these cases, so that its dead_pid tells even then who died. MGR_ERUNTIME where the lock
 * is not ours.
 */
int mgr_condition_wait(const mgr_condition *c, double timeout, mgr_grant *grant);

/*
 * c.wait_for(predicate, timeout): waits until predicate(arg) is above 0, in all for `timeout`
 * seconds; it is called with the lock held. Returns as mgr_condition_wait(); where predicate()
 * returns something below 0, that. grant->fence is 0 where there was nothing to wait for.
 */
int mgr_condition_wait_for(const mgr_condition *c, int (*predicate)(void *arg), void *arg,
                           double timeout, mgr_grant *grant);

/* c.notify(n), c.notify_all(): those who have waited longest. MGR_ERUNTIME where the lock is not
 * ours. */
int mgr_condition_notify(const mgr_condition *c, size_t n);
int mgr_condition_notify_all(const mgr_condition *c);

/* repr(c) and str(c), as a str that shows its lock. */
int mgr_condition_repr(const mgr_condition *c, mgr_value *text);
int mgr_condition_str(const mgr_condition *c, mgr_value *text);

/* -- Semaphores --------------------------------------------------------------------------- */

/*
 * m.Semaphore(n) and m.BoundedSemaphore(n): n permits at first, which may be 0; the bounded one
 * has never more. And named ones. Both are used by the same functions.
 */
int mgr_semaphore_new(mgr_manager *m, size_t n, mgr_semaphore **semaphore);
int mgr_semaphore_new_bounded(mgr_manager *m, size_t n, mgr_semaphore **semaphore);
int mgr_semaphore_open(mgr_manager *m, const char *name, size_t n, mgr_semaphore **semaphore);
int mgr_semaphore_open_bounded(mgr_manager *m, const char *name, size_t n,
                               mgr_semaphore **semaphore);

mgr_semaphore *mgr_semaphore_ref(mgr_semaphore *semaphore);
void mgr_semaphore_free(mgr_semaphore *semaphore);
mgr_proxy *mgr_semaphore_proxy(const mgr_semaphore *semaphore);

/*
 * s.acquire(timeout=timeout): takes a permit, and waits for one where there is none; who waits is
 * served in order. MGR_ETIMEOUT after `timeout` seconds: 0 is s.acquire(False), MGR_FOREVER is
 * s.acquire(). The permit is the thread's until it is released: when the thread, or the
 * process, ends before that, the next one to acquire takes it over: MGR_OWNER_DIED. But what has
 * died never lifts what there is above the n of the beginning, so that a semaphore of 0 only
 * signals. *grant (may be NULL) tells more. PROTOCOL.md has the exact rule.
 */
int mgr_semaphore_acquire(const mgr_semaphore *s, double timeout, mgr_grant *grant);

/*
 * s.release(n): anyone may, also who acquired none. MGR_EVALUE where n is 0, or where a bounded one
 * would have more than at first.
 */
int mgr_semaphore_release(const mgr_semaphore *s, size_t n);

/* How many acquires would succeed at once now: get_value() of multiprocessing.Semaphore. */
int mgr_semaphore_permits(const mgr_semaphore *s, size_t *n);

/* repr(s) and str(s), as a str that tells how many permits there are. */
int mgr_semaphore_repr(const mgr_semaphore *s, mgr_value *text);
int mgr_semaphore_str(const mgr_semaphore *s, mgr_value *text);

/* -- Events ------------------------------------------------------------------------------- */

/* m.Event(), not set at first; and a named one. */
int mgr_event_new(mgr_manager *m, mgr_event **event);
int mgr_event_open(mgr_manager *m, const char *name, mgr_event **event);

mgr_event *mgr_event_ref(mgr_event *event);
void mgr_event_free(mgr_event *event);
mgr_proxy *mgr_event_proxy(const mgr_event *event);

/* e.is_set(): 1 or 0. */
int mgr_event_is_set(const mgr_event *e);

/* e.set(): all who wait are woken, also where e.clear() follows at once. */
int mgr_event_set(const mgr_event *e);

/* e.clear() */
int mgr_event_clear(const mgr_event *e);

/* e.wait(timeout): returns when it is set. MGR_ETIMEOUT after `timeout` seconds. */
int mgr_event_wait(const mgr_event *e, double timeout);

/* repr(e) and str(e), as a str that tells whether it is set. */
int mgr_event_repr(const mgr_event *e, mgr_value *text);
int mgr_event_str(const mgr_event *e, mgr_value *text);

/* -- Barriers ----------------------------------------------------------------------------- */

/*
 * m.Barrier(parties), at least one; the same with an action, which is to be run each time before
 * the parties go on; and named ones.
 */
int mgr_barrier_new(mgr_manager *m, size_t parties, mgr_barrier **barrier);
int mgr_barrier_new_action(mgr_manager *m, size_t parties, mgr_barrier **barrier);
int mgr_barrier_open(mgr_manager *m, const char *name, size_t parties, mgr_barrier **barrier);
int mgr_barrier_open_action(mgr_manager *m, const char *name, size_t parties,
                            mgr_barrier **barrier);

mgr_barrier *mgr_barrier_ref(mgr_barrier *barrier);
void mgr_barrier_free(mgr_barrier *barrier);
mgr_proxy *mgr_barrier_proxy(const mgr_barrier *barrier);

/*
 * b.wait(timeout): returns when as many wait as there are parties. *index (may be NULL) becomes
 * the caller's place in their order, from 0 to parties - 1. Who dies while it waits
 * just leaves. After `timeout` seconds the barrier breaks, for all: MGR_EBROKEN_BARRIER, now and
 * for whoever comes, until mgr_barrier_reset(). Of a barrier with an action: 1 where the caller
 * is the one to run it, with the others waiting; mgr_barrier_finish() is to follow, which
 * tells the index, too.
 */
int mgr_barrier_wait(const mgr_barrier *b, double timeout, size_t *index);

/*
 * The action was run, by the thread that was told to: all go on. MGR_EBROKEN_BARRIER where the
 * barrier broke meanwhile, or no action is this thread's. A thread that ends instead breaks the
 * barrier; mgr_barrier_abort() says that the action failed.
 */
int mgr_barrier_finish(const mgr_barrier *b, size_t *index);

/*
 * Both in one: action(arg) is called where it is the caller's to run it, in this thread. Where it
 * returns anything below 0, the barrier breaks for the others, and that is returned. Of a barrier
 * without an action it is mgr_barrier_wait().
 */
int mgr_barrier_wait_action(const mgr_barrier *b, double timeout, int (*action)(void *arg),
                            void *arg, size_t *index);

/* b.abort(): breaks it. Who waits, and whoever comes, fails with MGR_EBROKEN_BARRIER. */
int mgr_barrier_abort(const mgr_barrier *b);

/* b.reset(): as new, and not broken. Who waits fails with MGR_EBROKEN_BARRIER. */
int mgr_barrier_reset(const mgr_barrier *b);

/* b.parties; b.n_waiting; b.broken: 1 or 0. */
int mgr_barrier_parties(const mgr_barrier *b, size_t *n);
int mgr_barrier_n_waiting(const mgr_barrier *b, size_t *n);
int mgr_barrier_is_broken(const mgr_barrier *b);

/* repr(b) and str(b), as a str that tells how many wait. */
int mgr_barrier_repr(const mgr_barrier *b, mgr_value *text);
int mgr_barrier_str(const mgr_barrier *b, mgr_value *text);

/* -- Queues ------------------------------------------------------------------------------- */

/*
 * First in, first out. Those who wait to get are served in their order, those who wait to put
 * in theirs, and nobody overtakes them. `timeout` is in seconds: 0 is Python's block=False,
 * or the methods named ..._nowait; MGR_FOREVER is no timeout.
 *
 * A queue with redelivery does not lose an item with the worker who took it: the item is *in
 * flight* until mgr_queue_task_done() says that it was dealt with. Where the thread that took it
 * (its connection) or the whole process ends before, the item returns to the head of the queue,
 * and goes at once to whoever waits. So every item is dealt with, some of them perhaps twice.
 */
typedef struct mgr_queue_options {
        size_t size; /* sizeof(mgr_queue_options), so that members can be added */
        bool redeliver;
        uint64_t max_deliveries; /* after so many in vain an item is a dead letter; 0: no limit */
        void *reserved[4];
} mgr_queue_options;

#define MGR_QUEUE_OPTIONS_INIT                                                                     \
        {                                                                                          \
                sizeof(mgr_queue_options), false, 0,                                               \
                {                                                                                  \
                        NULL, NULL, NULL, NULL                                                     \
                }                                                                                  \
        }

/*
 * m.Queue(max_size), and a named one, which is made so where there is none. 0: it holds as many
 * items as one likes. `options` may be NULL.
 */
int mgr_queue_new(mgr_manager *m, size_t max_size, const mgr_queue_options *options,
                  mgr_queue **queue);
int mgr_queue_open(mgr_manager *m, const char *name, size_t max_size,
                   const mgr_queue_options *options, mgr_queue **queue);

mgr_queue *mgr_queue_ref(mgr_queue *queue);
void mgr_queue_free(mgr_queue *queue);
mgr_proxy *mgr_queue_proxy(const mgr_queue *queue);

/*
 * q.put(item, timeout=timeout): adds it at the end, waits for room. MGR_EFULL after `timeout`
 * seconds; MGR_ESHUT_DOWN.
 */
int mgr_queue_put_value(const mgr_queue *q, const mgr_value *item, double timeout);

/*
 * Puts n items as one call: all of them, one behind the other, once there is room for all, or
 * none. MGR_EFULL; MGR_EVALUE where there never can be so much room; MGR_ESHUT_DOWN.
 */
int mgr_queue_put_many(const mgr_queue *q, const mgr_value *items, size_t n, double timeout);

/*
 * q.get(timeout=timeout): takes out the first item, waits until there is one. MGR_EEMPTY after
 * `timeout` seconds. MGR_ESHUT_DOWN where the queue has been shut down and is empty; with
 * redelivery, only when nothing is in flight any more that could come back, except to a
 * thread that has items in flight itself.
 */
int mgr_queue_get_value(const mgr_queue *q, double timeout, mgr_value *item);

/*
 * Waits until there is an item and takes out those that are there, n at most, at most 10,000,
 * about 1 MiB, as a list. The errors are those of mgr_queue_get_value().
 */
int mgr_queue_get_many(const mgr_queue *q, size_t n, double timeout, mgr_value *list);

/*
 * q.poll(timeout), which Python's queues have not: waits until there is something to get, for at
 * most `timeout` seconds: 1, or 0. A queue that a get would find shut down counts. Nothing is
 * taken: those who wait in mgr_queue_get() come first, and another may come before the get that
 * follows. To wait for several queues, and other things: mgr_wait().
 */
int mgr_queue_poll(const mgr_queue *q, double timeout);

/*
 * As mgr_queue_get_value(), and tells in *n how often the item has been delivered with this
 * time: 1 where it is the first. `n` may be NULL.
 */
int mgr_queue_get_delivery_value(const mgr_queue *q, double timeout, mgr_value *item, uint64_t *n);

/*
 * q.task_done(): one more item has been dealt with. With redelivery it is the one that this
 * thread has had in flight for longest, else this process; it will not come back.
 * MGR_EVALUE where there is none.
 */
int mgr_queue_task_done(const mgr_queue *q);

/*
 * q.join(): waits until as many items are done as were put; dead letters count as done.
 * MGR_ETIMEOUT after `timeout` seconds, which Python's has not.
 */
int mgr_queue_join(const mgr_queue *q, double timeout);

/* How many items there are to be taken, q.qsize(); and how many are not done, wherever they are. */
int mgr_queue_qsize(const mgr_queue *q, size_t *n);
int mgr_queue_unfinished(const mgr_queue *q, size_t *n);

/* q.empty() and q.full(): 1 or 0. */
int mgr_queue_empty(const mgr_queue *q);
int mgr_queue_full(const mgr_queue *q);

/* Drops all items that are to be taken, as if they were done. *n is how many; it may be NULL. */
int mgr_queue_clear(const mgr_queue *q, size_t *n);

/*
 * q.shutdown(immediate): whoever puts or waits to put gets MGR_ESHUT_DOWN from now on, and
 * whoever gets, once it is empty. `immediate`: it is cleared, too, and what is in flight
 * becomes a dead letter rather than to come back.
 */
int mgr_queue_shutdown(const mgr_queue *q, bool immediate);

/* What is to be taken, without taking it, a page at a time as mgr_list_page() does. */
int mgr_queue_page(const mgr_queue *q, uint64_t *start, size_t count, mgr_value *list);

/*
 * What is in flight, the oldest first, and the dead letters, which were delivered too often, by
 * their first delivery. Pages as above, of dicts: item; deliveries, how many; pid, session and
 * task of who has it or had it last; seconds since he took it.
 */
int mgr_queue_in_flight(const mgr_queue *q, uint64_t *start, size_t count, mgr_value *list);
int mgr_queue_dead_letters(const mgr_queue *q, uint64_t *start, size_t count, mgr_value *list);

/*
 * Puts the dead letters back to where they came from, as if they had never been delivered; or
 * drops them. *n is how many; it may be NULL. MGR_ESHUT_DOWN (retry).
 */
int mgr_queue_retry_dead_letters(const mgr_queue *q, size_t *n);
int mgr_queue_drop_dead_letters(const mgr_queue *q, size_t *n);

/* repr(q) and str(q), the same for a queue: "<queue.Queue object at 0x1f>", as a str. */
int mgr_queue_repr(const mgr_queue *q, mgr_value *text);
int mgr_queue_str(const mgr_queue *q, mgr_value *text);

/* -- Batches ------------------------------------------------------------------------------ */

/*
 * Many calls for the price of one round trip. They are made in their order, each atomic
 * by itself; other processes' calls may come in between. Nothing is sent before
 * mgr_batch_run(). A batch keeps what it needs: proxies and values may be freed once
 * they were added. MGR_EARGUMENT where a proxy is of another manager.
 *
 * Where a call waits, such as an acquire by mgr_batch_call(), all behind it wait for it, and the
 * run does, which no signal ends: one that can only end by a call behind it in the batch
 * never does. Give it a timeout as an argument.
 */
int mgr_batch_new(mgr_manager *m, mgr_batch **batch);
void mgr_batch_free(mgr_batch *batch);

/* Adds any call by its name in Python. The first one after a run forgets the results before it. */
int mgr_batch_call(mgr_batch *batch, const mgr_proxy *proxy, const char *method,
                   const mgr_value *args, size_t n_args);

/* Adds the most frequent ones with less to do. */
int mgr_batch_dict_set_value(mgr_batch *batch, const mgr_dict *d, const mgr_value *key,
                             const mgr_value *value);
int mgr_batch_dict_get_value(mgr_batch *batch, const mgr_dict *d, const mgr_value *key);
int mgr_batch_dict_incr_value(mgr_batch *batch, const mgr_dict *d, const mgr_value *key,
                              const mgr_value *delta);
int mgr_batch_list_append_value(mgr_batch *batch, const mgr_list *l, const mgr_value *value);
int mgr_batch_list_get(mgr_batch *batch, const mgr_list *l, int64_t index);

/* How many calls have been added, or were made by the last run. */
size_t mgr_batch_len(const mgr_batch *batch);

/*
 * Makes the calls. 0 where all succeeded, above 0 how many failed, below 0 where the
 * connection was lost, or given up (MGR_ETIMEOUT, see mgr_options.call_timeout): calls whose reply
 * had arrived have their results, the others MGR_EUNKNOWN_OUTCOME. Never repeated by itself.
 */
int mgr_batch_run(mgr_batch *batch);

/*
 * What became of call i of the last run: its result, or the error that it failed with.
 * The value belongs to the batch, good until the next call is added; not to be cleared.
 * `value` may be NULL. MGR_EINDEX beyond the end.
 */
int mgr_batch_result(mgr_batch *batch, size_t i, mgr_value *value);

/* Forgets calls and results. */
void mgr_batch_clear(mgr_batch *batch);

/* -- Any C type as a value --------------------------------------------------------------- */

/*
 * An output of any C type: mgr_dict_get(d, "age", &n) reads into a long long, a double,
 * an mgr_value …, with the errors of mgr_value_get_int(), which come after the call was
 * made: what mgr_dict_pop() took out is gone then. NULL (nullptr in C++): not wanted.
 */
enum mgr_out_type {
        MGR_OUT_NOTHING,
        MGR_OUT_VALUE,
        MGR_OUT_BOOL,
        MGR_OUT_INT,
        MGR_OUT_UINT,
        MGR_OUT_LONG,
        MGR_OUT_ULONG,
        MGR_OUT_LLONG,
        MGR_OUT_ULLONG,
        MGR_OUT_FLOAT,
        MGR_OUT_DOUBLE,
};

typedef struct mgr_out {
        int type; /* enum mgr_out_type */
        void *to;
} mgr_out;

/* Moves a value into an output, or converts and clears it. Returns `r` where that is not 0. */
int mgr_value_into(int r, mgr_value *value, mgr_out out);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
} /* extern "C" */
#endif

/* Any C type to an mgr_value: mgr_v(18), mgr_v("x"), mgr_v(dict). A NULL pointer is None. */
#ifndef __cplusplus

static inline mgr_value mgr_v_same(mgr_value value)
{
        return value;
}

static inline mgr_value mgr_v_at(const mgr_value *value)
{
        return value ? *value : mgr_none();
}

#define mgr_v(x)                                                                                   \
        _Generic((x),                                                                              \
                mgr_value: mgr_v_same,                                                             \
                mgr_value *: mgr_v_at,                                                             \
                const mgr_value *: mgr_v_at,                                                       \
                bool: mgr_bool,                                                                    \
                signed char: mgr_int,                                                              \
                short: mgr_int,                                                                    \
                int: mgr_int,                                                                      \
                long: mgr_int,                                                                     \
                long long: mgr_int,                                                                \
                unsigned char: mgr_uint,                                                           \
                unsigned short: mgr_uint,                                                          \
                unsigned: mgr_uint,                                                                \
                unsigned long: mgr_uint,                                                           \
                unsigned long long: mgr_uint,                                                      \
                float: mgr_float,                                                                  \
                double: mgr_float,                                                                 \
                char *: mgr_str,                                                                   \
                const char *: mgr_str,                                                             \
                mgr_proxy *: mgr_from_proxy,                                                       \
                const mgr_proxy *: mgr_from_proxy,                                                 \
                mgr_lock *: mgr_from_lock,                                                         \
                const mgr_lock *: mgr_from_lock,                                                   \
                mgr_rlock *: mgr_from_rlock,                                                       \
                const mgr_rlock *: mgr_from_rlock,                                                 \
                mgr_condition *: mgr_from_condition,                                               \
                const mgr_condition *: mgr_from_condition,                                         \
                mgr_dict *: mgr_from_dict,                                                         \
                const mgr_dict *: mgr_from_dict,                                                   \
                mgr_semaphore *: mgr_from_semaphore,                                               \
                const mgr_semaphore *: mgr_from_semaphore,                                         \
                mgr_event *: mgr_from_event,                                                       \
                const mgr_event *: mgr_from_event,                                                 \
                mgr_barrier *: mgr_from_barrier,                                                   \
                const mgr_barrier *: mgr_from_barrier,                                             \
                mgr_queue *: mgr_from_queue,                                                       \
                const mgr_queue *: mgr_from_queue,                                                 \
                mgr_namespace *: mgr_from_namespace,                                               \
                const mgr_namespace *: mgr_from_namespace,                                         \
                mgr_cell *: mgr_from_cell,                                                         \
                const mgr_cell *: mgr_from_cell,                                                   \
                mgr_array *: mgr_from_array,                                                       \
                const mgr_array *: mgr_from_array,                                                 \
                mgr_list *: mgr_from_list,                                                         \
                const mgr_list *: mgr_from_list,                                                   \
                mgr_set *: mgr_from_set,                                                           \
                const mgr_set *: mgr_from_set)(x)

/* Good until the end of the block that it is in. */
#define MGR_IN(x) ((const mgr_value[1]){ mgr_v(x) })

#define MGR_OUT(p)                                                                                 \
        ((mgr_out){ _Generic((p),                                                                  \
                            void *: MGR_OUT_NOTHING,                                               \
                            mgr_value *: MGR_OUT_VALUE,                                            \
                            bool *: MGR_OUT_BOOL,                                                  \
                            int *: MGR_OUT_INT,                                                    \
                            unsigned *: MGR_OUT_UINT,                                              \
                            long *: MGR_OUT_LONG,                                                  \
                            unsigned long *: MGR_OUT_ULONG,                                        \
                            long long *: MGR_OUT_LLONG,                                            \
                            unsigned long long *: MGR_OUT_ULLONG,                                  \
                            float *: MGR_OUT_FLOAT,                                                \
                            double *: MGR_OUT_DOUBLE),                                             \
                    (p) })

#define mgr_array_new(m, typecode, items, n, array)                                                \
        _Generic((items),                                                                          \
                long long *: mgr_array_new_ints,                                                   \
                const long long *: mgr_array_new_ints,                                             \
                double *: mgr_array_new_doubles,                                                   \
                const double *: mgr_array_new_doubles)((m), (typecode), (items), (n), (array))

#define mgr_array_read(a, start, items, n, n_read)                                                 \
        _Generic((items),                                                                          \
                long long *: mgr_array_read_ints,                                                  \
                double *: mgr_array_read_doubles)((a), (start), (items), (n), (n_read))

#else

/* clang-format off: one line for each type */
extern "C++" {

/* What MGR_IN() is in C: anything that can be a value, for as long as one expression. */
class mgr_any
{
        mgr_value value_;

      public:
        mgr_any(const mgr_value &value) : value_(value)
        {
        }
        mgr_any(const mgr_value *value) : value_(value ? *value : mgr_none())
        {
        }
        mgr_any(decltype(nullptr)) : value_(mgr_none())
        {
        }
        mgr_any(bool boolean) : value_(mgr_bool(boolean))
        {
        }
        mgr_any(signed char integer) : value_(mgr_int(integer))
        {
        }
        mgr_any(short integer) : value_(mgr_int(integer))
        {
        }
        mgr_any(int integer) : value_(mgr_int(integer))
        {
        }
        mgr_any(long integer) : value_(mgr_int(integer))
        {
        }
        mgr_any(long long integer) : value_(mgr_int(integer))
        {
        }
        mgr_any(unsigned char integer) : value_(mgr_uint(integer))
        {
        }
        mgr_any(unsigned short integer) : value_(mgr_uint(integer))
        {
        }
        mgr_any(unsigned integer) : value_(mgr_uint(integer))
        {
        }
        mgr_any(unsigned long integer) : value_(mgr_uint(integer))
        {
        }
        mgr_any(unsigned long long integer) : value_(mgr_uint(integer))
        {
        }
        mgr_any(double real) : value_(mgr_float(real))
        {
        }
        mgr_any(const char *utf8) : value_(mgr_str(utf8))
        {
        }
        mgr_any(const mgr_proxy *proxy) : value_(mgr_from_proxy(proxy))
        {
        }
        mgr_any(const mgr_dict *dict) : value_(mgr_from_dict(dict))
        {
        }
        mgr_any(const mgr_list *list) : value_(mgr_from_list(list))
        {
        }
        mgr_any(const mgr_lock *lock) : value_(mgr_from_lock(lock))
        {
        }
        mgr_any(const mgr_rlock *lock) : value_(mgr_from_rlock(lock))
        {
        }
        mgr_any(const mgr_condition *condition) : value_(mgr_from_condition(condition))
        {
        }
        mgr_any(const mgr_set *set) : value_(mgr_from_set(set))
        {
        }
        mgr_any(const mgr_queue *queue) : value_(mgr_from_queue(queue))
        {
        }
        mgr_any(const mgr_namespace *ns) : value_(mgr_from_namespace(ns))
        {
        }
        mgr_any(const mgr_semaphore *semaphore) : value_(mgr_from_semaphore(semaphore))
        {
        }
        mgr_any(const mgr_event *event) : value_(mgr_from_event(event))
        {
        }
        mgr_any(const mgr_barrier *barrier) : value_(mgr_from_barrier(barrier))
        {
        }
        mgr_any(const mgr_cell *cell) : value_(mgr_from_cell(cell))
        {
        }
        mgr_any(const mgr_array *array) : value_(mgr_from_array(array))
        {
        }
        mgr_any(char) = delete; /* a letter or a number? */
        mgr_any(const void *) = delete;

        /* std::string, std::string_view and their like. */
        template <class Text,
                  class = decltype(static_cast<const char *>(((const Text *)0)->data()))>
        mgr_any(const Text &text) : value_(mgr_strn(text.data(), text.size()))
        {
        }

        const mgr_value *get() const
        {
                return &value_;
        }
};

inline mgr_value mgr_v(const mgr_any &any)
{
        return *any.get();
}

inline int mgr_out_type_of(decltype(nullptr))
{
        return MGR_OUT_NOTHING;
}
inline int mgr_out_type_of(mgr_value *)
{
        return MGR_OUT_VALUE;
}
inline int mgr_out_type_of(bool *)
{
        return MGR_OUT_BOOL;
}
inline int mgr_out_type_of(int *)
{
        return MGR_OUT_INT;
}
inline int mgr_out_type_of(unsigned *)
{
        return MGR_OUT_UINT;
}
inline int mgr_out_type_of(long *)
{
        return MGR_OUT_LONG;
}
inline int mgr_out_type_of(unsigned long *)
{
        return MGR_OUT_ULONG;
}
inline int mgr_out_type_of(long long *)
{
        return MGR_OUT_LLONG;
}
inline int mgr_out_type_of(unsigned long long *)
{
        return MGR_OUT_ULLONG;
}
inline int mgr_out_type_of(float *)
{
        return MGR_OUT_FLOAT;
}
inline int mgr_out_type_of(double *)
{
        return MGR_OUT_DOUBLE;
}

inline int mgr_array_new_of(mgr_manager *m, char typecode, const long long *items, size_t n,
                            mgr_array **array)
{
        return mgr_array_new_ints(m, typecode, items, n, array);
}
inline int mgr_array_new_of(mgr_manager *m, char typecode, const double *items, size_t n,
                            mgr_array **array)
{
        return mgr_array_new_doubles(m, typecode, items, n, array);
}
inline int mgr_array_read_of(const mgr_array *a, size_t start, long long *items, size_t n,
                             size_t *n_read)
{
        return mgr_array_read_ints(a, start, items, n, n_read);
}
inline int mgr_array_read_of(const mgr_array *a, size_t start, double *items, size_t n,
                             size_t *n_read)
{
        return mgr_array_read_doubles(a, start, items, n, n_read);
}

template <class Pointer> inline mgr_out mgr_out_of(Pointer p)
{
        mgr_out out = { mgr_out_type_of(p), p };

        return out;
}

} /* extern "C++" */
  /* clang-format on */

#define MGR_IN(x)  (mgr_any(x).get())
#define MGR_OUT(p) (mgr_out_of(p))

#define mgr_array_new(m, typecode, items, n, array)                                                \
        mgr_array_new_of((m), (typecode), (items), (n), (array))
#define mgr_array_read(a, start, items, n, n_read)                                                 \
        mgr_array_read_of((a), (start), (items), (n), (n_read))

#endif

/* The functions that the convenience macros with an output stand on. */
#define MGR_DEFINE_OUT(name, params, args)                                                         \
        static inline int name##_out params                                                        \
        {                                                                                          \
                mgr_value value;                                                                   \
                int r = name##_value args;                                                         \
                                                                                                   \
                return mgr_value_into(r, &value, out);                                             \
        }

MGR_DEFINE_OUT(mgr_dict_get, (const mgr_dict *d, const mgr_value *key, mgr_out out),
               (d, key, &value))
MGR_DEFINE_OUT(mgr_dict_get_default,
               (const mgr_dict *d, const mgr_value *key, const mgr_value *fallback, mgr_out out),
               (d, key, fallback, &value))
MGR_DEFINE_OUT(mgr_dict_pop, (const mgr_dict *d, const mgr_value *key, mgr_out out),
               (d, key, &value))
MGR_DEFINE_OUT(mgr_dict_pop_default,
               (const mgr_dict *d, const mgr_value *key, const mgr_value *fallback, mgr_out out),
               (d, key, fallback, &value))
MGR_DEFINE_OUT(mgr_dict_setdefault,
               (const mgr_dict *d, const mgr_value *key, const mgr_value *fallback, mgr_out out),
               (d, key, fallback, &value))
MGR_DEFINE_OUT(mgr_dict_incr,
               (const mgr_dict *d, const mgr_value *key, const mgr_value *delta, mgr_out out),
               (d, key, delta, &value))
MGR_DEFINE_OUT(mgr_list_get, (const mgr_list *l, int64_t index, mgr_out out), (l, index, &value))
MGR_DEFINE_OUT(mgr_list_pop, (const mgr_list *l, int64_t index, mgr_out out), (l, index, &value))
MGR_DEFINE_OUT(mgr_queue_get, (const mgr_queue *q, double timeout, mgr_out out),
               (q, timeout, &value))
MGR_DEFINE_OUT(mgr_queue_get_delivery,
               (const mgr_queue *q, double timeout, mgr_out out, uint64_t *n),
               (q, timeout, &value, n))
MGR_DEFINE_OUT(mgr_list_take, (const mgr_list *l, double timeout, mgr_out out),
               (l, timeout, &value))
MGR_DEFINE_OUT(mgr_list_incr,
               (const mgr_list *l, int64_t index, const mgr_value *delta, mgr_out out),
               (l, index, delta, &value))
MGR_DEFINE_OUT(mgr_namespace_get, (const mgr_namespace *ns, const char *name, mgr_out out),
               (ns, name, &value))
MGR_DEFINE_OUT(mgr_namespace_incr,
               (const mgr_namespace *ns, const char *name, const mgr_value *delta, mgr_out out),
               (ns, name, delta, &value))
MGR_DEFINE_OUT(mgr_cell_get, (const mgr_cell *c, mgr_out out), (c, &value))
MGR_DEFINE_OUT(mgr_cell_incr, (const mgr_cell *c, const mgr_value *delta, mgr_out out),
               (c, delta, &value))
MGR_DEFINE_OUT(mgr_cell_swap, (const mgr_cell *c, const mgr_value *desired, mgr_out out),
               (c, desired, &value))
MGR_DEFINE_OUT(mgr_array_get, (const mgr_array *a, int64_t index, mgr_out out), (a, index, &value))
MGR_DEFINE_OUT(mgr_array_incr,
               (const mgr_array *a, int64_t index, const mgr_value *delta, mgr_out out),
               (a, index, delta, &value))
MGR_DEFINE_OUT(mgr_set_pop, (const mgr_set *s, mgr_out out), (s, &value))

#define mgr_dict_set(d, key, value) mgr_dict_set_value((d), MGR_IN(key), MGR_IN(value))
#define mgr_dict_get(d, key, out)   mgr_dict_get_out((d), MGR_IN(key), MGR_OUT(out))
#define mgr_dict_get_default(d, key, fallback, out)                                                \
        mgr_dict_get_default_out((d), MGR_IN(key), MGR_IN(fallback), MGR_OUT(out))
#define mgr_dict_delete(d, key)   mgr_dict_delete_value((d), MGR_IN(key))
#define mgr_dict_contains(d, key) mgr_dict_contains_value((d), MGR_IN(key))
#define mgr_dict_pop(d, key, out) mgr_dict_pop_out((d), MGR_IN(key), MGR_OUT(out))
#define mgr_dict_pop_default(d, key, fallback, out)                                                \
        mgr_dict_pop_default_out((d), MGR_IN(key), MGR_IN(fallback), MGR_OUT(out))
#define mgr_dict_setdefault(d, key, fallback, out)                                                 \
        mgr_dict_setdefault_out((d), MGR_IN(key), MGR_IN(fallback), MGR_OUT(out))
#define mgr_dict_update(d, other)    mgr_dict_update_value((d), MGR_IN(other))
#define mgr_dict_or(d, other, dict)  mgr_dict_or_value((d), MGR_IN(other), (dict))
#define mgr_dict_ror(d, other, dict) mgr_dict_ror_value((d), MGR_IN(other), (dict))
#define mgr_dict_fromkeys(d, keys, value, dict)                                                    \
        mgr_dict_fromkeys_value((d), MGR_IN(keys), MGR_IN(value), (dict))
#define mgr_dict_incr(d, key, delta, out)                                                          \
        mgr_dict_incr_out((d), MGR_IN(key), MGR_IN(delta), MGR_OUT(out))
#define mgr_dict_compare_and_swap(d, key, expected, desired)                                       \
        mgr_dict_compare_and_swap_value((d), MGR_IN(key), MGR_IN(expected), MGR_IN(desired))

#define mgr_list_set(l, index, value)        mgr_list_set_value((l), (index), MGR_IN(value))
#define mgr_list_get(l, index, out)          mgr_list_get_out((l), (index), MGR_OUT(out))
#define mgr_list_set_slice(l, slice, values) mgr_list_set_slice_value((l), (slice), MGR_IN(values))
#define mgr_list_append(l, value)            mgr_list_append_value((l), MGR_IN(value))
#define mgr_list_insert(l, index, value)     mgr_list_insert_value((l), (index), MGR_IN(value))
#define mgr_list_extend(l, values)           mgr_list_extend_value((l), MGR_IN(values))
#define mgr_list_pop(l, index, out)          mgr_list_pop_out((l), (index), MGR_OUT(out))
#define mgr_list_remove(l, value)            mgr_list_remove_value((l), MGR_IN(value))
#define mgr_list_contains(l, value)          mgr_list_contains_value((l), MGR_IN(value))
#define mgr_list_index(l, value, start, stop, index)                                               \
        mgr_list_index_value((l), MGR_IN(value), (start), (stop), (index))
#define mgr_list_count(l, value, n)  mgr_list_count_value((l), MGR_IN(value), (n))
#define mgr_list_add(l, other, list) mgr_list_add_value((l), MGR_IN(other), (list))
#define mgr_list_incr(l, index, delta, out)                                                        \
        mgr_list_incr_out((l), (index), MGR_IN(delta), MGR_OUT(out))
#define mgr_list_compare_and_swap(l, index, expected, desired)                                     \
        mgr_list_compare_and_swap_value((l), (index), MGR_IN(expected), MGR_IN(desired))
#define mgr_list_take(l, timeout, out) mgr_list_take_out((l), (timeout), MGR_OUT(out))

#define mgr_queue_put(q, item, timeout) mgr_queue_put_value((q), MGR_IN(item), (timeout))
#define mgr_queue_get(q, timeout, out)  mgr_queue_get_out((q), (timeout), MGR_OUT(out))
#define mgr_queue_get_delivery(q, timeout, out, n)                                                 \
        mgr_queue_get_delivery_out((q), (timeout), MGR_OUT(out), (n))

#define mgr_namespace_set(ns, name, value) mgr_namespace_set_value((ns), (name), MGR_IN(value))
#define mgr_namespace_get(ns, name, out)   mgr_namespace_get_out((ns), (name), MGR_OUT(out))
#define mgr_namespace_incr(ns, name, delta, out)                                                   \
        mgr_namespace_incr_out((ns), (name), MGR_IN(delta), MGR_OUT(out))
#define mgr_namespace_compare_and_swap(ns, name, expected, desired)                                \
        mgr_namespace_compare_and_swap_value((ns), (name), MGR_IN(expected), MGR_IN(desired))

#define mgr_cell_new(m, typecode, value, cell)                                                     \
        mgr_cell_new_value((m), (typecode), MGR_IN(value), (cell))
#define mgr_cell_open(m, name, typecode, value, cell)                                              \
        mgr_cell_open_value((m), (name), (typecode), MGR_IN(value), (cell))
#define mgr_cell_set(c, value)         mgr_cell_set_value((c), MGR_IN(value))
#define mgr_cell_get(c, out)           mgr_cell_get_out((c), MGR_OUT(out))
#define mgr_cell_incr(c, delta, out)   mgr_cell_incr_out((c), MGR_IN(delta), MGR_OUT(out))
#define mgr_cell_swap(c, desired, out) mgr_cell_swap_out((c), MGR_IN(desired), MGR_OUT(out))
#define mgr_cell_compare_and_swap(c, expected, desired)                                            \
        mgr_cell_compare_and_swap_value((c), MGR_IN(expected), MGR_IN(desired))

#define mgr_array_set(a, index, value)       mgr_array_set_value((a), (index), MGR_IN(value))
#define mgr_array_get(a, index, out)         mgr_array_get_out((a), (index), MGR_OUT(out))
#define mgr_array_set_slice(a, slice, array) mgr_array_set_slice_value((a), (slice), MGR_IN(array))
#define mgr_array_incr(a, index, delta, out)                                                       \
        mgr_array_incr_out((a), (index), MGR_IN(delta), MGR_OUT(out))
#define mgr_array_compare_and_swap(a, index, expected, desired)                                    \
        mgr_array_compare_and_swap_value((a), (index), MGR_IN(expected), MGR_IN(desired))

#define mgr_set_add(s, element)               mgr_set_add_value((s), MGR_IN(element))
#define mgr_set_discard(s, element)           mgr_set_discard_value((s), MGR_IN(element))
#define mgr_set_remove(s, element)            mgr_set_remove_value((s), MGR_IN(element))
#define mgr_set_contains(s, element)          mgr_set_contains_value((s), MGR_IN(element))
#define mgr_set_pop(s, out)                   mgr_set_pop_out((s), MGR_OUT(out))
#define mgr_set_update(s, other)              mgr_set_update_value((s), MGR_IN(other))
#define mgr_set_intersection_update(s, other) mgr_set_intersection_update_value((s), MGR_IN(other))
#define mgr_set_difference_update(s, other)   mgr_set_difference_update_value((s), MGR_IN(other))
#define mgr_set_symmetric_difference_update(s, other)                                              \
        mgr_set_symmetric_difference_update_value((s), MGR_IN(other))
#define mgr_set_union(s, other, set)        mgr_set_union_value((s), MGR_IN(other), (set))
#define mgr_set_intersection(s, other, set) mgr_set_intersection_value((s), MGR_IN(other), (set))
#define mgr_set_difference(s, other, set)   mgr_set_difference_value((s), MGR_IN(other), (set))
#define mgr_set_symmetric_difference(s, other, set)                                                \
        mgr_set_symmetric_difference_value((s), MGR_IN(other), (set))
#define mgr_set_isdisjoint(s, other) mgr_set_isdisjoint_value((s), MGR_IN(other))
#define mgr_set_issubset(s, other)   mgr_set_issubset_value((s), MGR_IN(other))
#define mgr_set_issuperset(s, other) mgr_set_issuperset_value((s), MGR_IN(other))

#define mgr_builder_add(b, value) mgr_builder_add_value((b), MGR_IN(value))

#define mgr_batch_dict_set(b, d, key, value)                                                       \
        mgr_batch_dict_set_value((b), (d), MGR_IN(key), MGR_IN(value))
#define mgr_batch_dict_get(b, d, key) mgr_batch_dict_get_value((b), (d), MGR_IN(key))
#define mgr_batch_dict_incr(b, d, key, delta)                                                      \
        mgr_batch_dict_incr_value((b), (d), MGR_IN(key), MGR_IN(delta))
#define mgr_batch_list_append(b, l, value) mgr_batch_list_append_value((b), (l), MGR_IN(value))

/* -- What surrounds them ------------------------------------------------------------------ */

#include "manager/calls.h"
#include "manager/pipe.h"
#include "manager/pool.h"
#include "manager/process.h"
#include "manager/shared.h"
