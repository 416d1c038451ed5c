/*
 * manager.h - shared dicts and lists for processes that have nothing else in common
 *
 * What Python's multiprocessing.Manager() is to Python. A daemon, managerd, holds
 * the objects; programs hold *proxies* of them and call their methods. Every call
 * is atomic. Link with -lmanager.
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
 * nothing was changed, and outputs were not written; the one exception is
 * MGR_EUNKNOWN_OUTCOME, which says itself what is not known. Every call can fail
 * with MGR_EGONE (no daemon), MGR_EUNKNOWN_OUTCOME, MGR_EPROTOCOL, MGR_ENOMEM,
 * MGR_ETIMEOUT (only where mgr_options.call_timeout is set), MGR_ECONNECT (a thread's
 * first call makes a connection, for which there may be no room), MGR_ENO_OBJECT and
 * MGR_EARGUMENT (NULL where there must be something); below stand only those that
 * a function has besides.
 *
 * Ownership. What goes in is copied. Proxies, managers, batches and builders are
 * the caller's until the function named ..._free(), which takes NULL too. An
 * mgr_value that comes out is the caller's until mgr_value_clear(). Strings
 * that come out end with a zero byte that their size does not count.
 *
 * Blocking. Every call waits for its reply, which comes within microseconds; the
 * methods that wait for something to happen have a timeout, in seconds. 0 does
 * not wait, MGR_FOREVER waits without end, and a negative one or NaN is
 * MGR_EVALUE. A signal does not end a call (see MGR_INTERRUPTIBLE).
 *
 * Threads. Managers, proxies and values that nobody changes may be used by any
 * number of threads at once; every thread gets a connection of its own at its
 * first call. A batch, a builder or an iterator belongs to one thread at a time.
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
typedef struct mgr_batch mgr_batch;     /* calls that travel together */
typedef struct mgr_builder mgr_builder; /* composes lists, dicts, tuples, sets */

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
        MGR_ETOO_LARGE = -35, /* a limit; for big containers see mgr_dict_page(), mgr_list_page() */
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
        MGR_EOWNER_LOST = -73,
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
 * The Python name of the exception behind this thread's last error, "KeyError",
 * or "" where none came from the daemon. Good as long as mgr_errmsg().
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
        MGR_KIND_PROXY, /* mgr_value_dict(), mgr_value_list(), mgr_value_proxy() */
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
        mgr_value value = { MGR_KIND_NONE, 0, { false }, NULL, NULL, { NULL, NULL } };

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
 * A proxy as a value: stored in a dict or list it makes one object part of another. NULL is
 * None.
 */
mgr_value mgr_from_proxy(const mgr_proxy *proxy);
mgr_value mgr_from_dict(const mgr_dict *dict);
mgr_value mgr_from_list(const mgr_list *list);

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

/* How many elements there are; bytes of a str or bytes; 0 of anything else. Python's len(). */
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

/* In one step: a container of n values (of a dict: n pairs, key and value in turn). */
int mgr_compose(mgr_kind kind, const mgr_value *values, size_t n, mgr_value *container);

/* -- Managers ----------------------------------------------------------------------------- */

#define MGR_FOREVER ((double)INFINITY)

enum {
        /*
         * A signal handler that runs while a call waits with a timeout (mgr_list_take()),
         * be it MGR_FOREVER, ends it, also where it was set with SA_RESTART:
         * MGR_EINTERRUPTED, and the call had no effect.
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
        double call_timeout;      /* seconds that a call may take; default MGR_FOREVER */
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
 * Starts a daemon of one's own: Manager(). It lives as long as this process, ends
 * with it however it ends, and is reached by this process, its children and whoever
 * has its address and authkey. The program is options->managerd, else
 * $MANAGERD, else one beside this library or the program that runs, else the
 * installed one, else one in $PATH. The daemon is not a child of the caller:
 * wait() does not see it. On failure *m is NULL, here and below. MGR_ESTART.
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
 * as some process has a proxy of it, or another object holds one. MGR_ECREATION.
 */
int mgr_proxy_new(mgr_manager *m, const char *type, const mgr_value *args, size_t n_args,
                  mgr_proxy **proxy);

/*
 * The object with this name, made with the arguments where there is none. It stays
 * until mgr_manager_unlink(), whoever comes and goes. MGR_ETYPE where it is of another type.
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
 * itself.
 */
int mgr_proxy_call(const mgr_proxy *proxy, const char *method, const mgr_value *args, size_t n_args,
                   mgr_value *result);

/* The same with keyword arguments: `kwds` is a dict whose keys are str, or NULL. */
int mgr_proxy_call_kw(const mgr_proxy *proxy, const char *method, const mgr_value *args,
                      size_t n_args, const mgr_value *kwds, mgr_value *result);

/* The whole value of the referent: proxy._getvalue(). */
int mgr_proxy_value(const mgr_proxy *proxy, mgr_value *value);

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
 * nothing changed. `expected` NULL: if there is no such key; `desired` NULL: del d[key].
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

/* -- Walking through a dict or list that is shared -------------------------------------------- */

/*
 * Fetches a page at a time: for k, v in d.items(), for x in l. See mgr_dict_page() for
 * what happens to those that change meanwhile.
 */
typedef struct mgr_walk mgr_walk;

int mgr_dict_walk(const mgr_dict *d, mgr_walk **walk);
int mgr_list_walk(const mgr_list *l, mgr_walk **walk);

/*
 * The next item: 1, 0 at the end, or an error. In a list the key is the index. Key and
 * value are borrowed until the next call, not to be cleared; either may be NULL.
 */
int mgr_walk_next(mgr_walk *walk, mgr_value *key, mgr_value *value);
void mgr_walk_free(mgr_walk *walk);

/* -- Batches ------------------------------------------------------------------------------ */

/*
 * Many calls for the price of one round trip. They are made in their order, each atomic
 * by itself; other processes' calls may come in between. Nothing is sent before
 * mgr_batch_run(). A batch keeps what it needs: proxies and values may be freed once
 * they were added. MGR_EARGUMENT where a proxy is of another manager.
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
 * connection was lost: calls whose reply had arrived have their results, the others
 * MGR_EUNKNOWN_OUTCOME. Never repeated by itself.
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
                mgr_dict *: mgr_from_dict,                                                         \
                const mgr_dict *: mgr_from_dict,                                                   \
                mgr_list *: mgr_from_list,                                                         \
                const mgr_list *: mgr_from_list)(x)

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

template <class Pointer> inline mgr_out mgr_out_of(Pointer p)
{
        mgr_out out = { mgr_out_type_of(p), p };

        return out;
}

} /* extern "C++" */
  /* clang-format on */

#define MGR_IN(x)  (mgr_any(x).get())
#define MGR_OUT(p) (mgr_out_of(p))

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
MGR_DEFINE_OUT(mgr_list_take, (const mgr_list *l, double timeout, mgr_out out),
               (l, timeout, &value))
MGR_DEFINE_OUT(mgr_list_incr,
               (const mgr_list *l, int64_t index, const mgr_value *delta, mgr_out out),
               (l, index, delta, &value))

#undef MGR_DEFINE_OUT

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

#define mgr_builder_add(b, value) mgr_builder_add_value((b), MGR_IN(value))

#define mgr_batch_dict_set(b, d, key, value)                                                       \
        mgr_batch_dict_set_value((b), (d), MGR_IN(key), MGR_IN(value))
#define mgr_batch_dict_get(b, d, key) mgr_batch_dict_get_value((b), (d), MGR_IN(key))
#define mgr_batch_dict_incr(b, d, key, delta)                                                      \
        mgr_batch_dict_incr_value((b), (d), MGR_IN(key), MGR_IN(delta))
#define mgr_batch_list_append(b, l, value) mgr_batch_list_append_value((b), (l), MGR_IN(value))
