/*
 * manager - the handle that everything begins with
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/arguments.h"
#include "client/call.h"
#include "client/content.h"
#include "client/error.h"
#include "client/fork.h"
#include "client/manager_parts.h"
#include "client/owned.h"
#include "client/thread.h"
#include "proto/clock.h"

#define DEFAULT_CONNECT_TIMEOUT  10.0
#define DEFAULT_SHUTDOWN_TIMEOUT 5.0
#define ADDRESS_MAX              108

/* --- shares */

mgr_manager *manager_ref(mgr_manager *m)
{
        atomic_fetch_add_explicit(&m->n_refs, 1, memory_order_relaxed);
        return m;
}

void manager_unref(mgr_manager *m)
{
        if (!m || atomic_fetch_sub_explicit(&m->n_refs, 1, memory_order_acq_rel) != 1)
                return;
        image_check();
        registry_lock();
        registry_remove(m);
        registry_unlock();
        refs_deinit(&m->refs);
        owned_forget_all(m);
        pthread_mutex_destroy(&m->lock);
        auth_key_free(m->key);
        if (m->started.pidfd >= 0)
                close(m->started.pidfd);
        free(m->started.directory);
        free(m->address);
        free(m->name);
        free(m);
}

int manager_check(const mgr_manager *m)
{
        if (!m)
                return error_set_status(-STATUS_ARGUMENT);
        if (atomic_load_explicit(&m->closed, memory_order_relaxed))
                return error_set(-STATUS_GONE, "the manager has been freed");
        return 0;
}

/* --- references */

/* A child that was cloned by hand may find the lock held by a thread that it has not got. */
static void manager_lock(mgr_manager *m)
{
        image_check();
        pthread_mutex_lock(&m->lock);
}

int manager_receive_ref(mgr_manager *m, uint64_t ident)
{
        int r;

        manager_lock(m);
        r = refs_receive(&m->refs, ident);
        pthread_mutex_unlock(&m->lock);
        return r < 0 ? error_set_status(r) : 0;
}

int manager_use_ref(mgr_manager *m, uint64_t ident)
{
        int r;

        manager_lock(m);
        r = refs_use(&m->refs, ident);
        pthread_mutex_unlock(&m->lock);
        return r < 0 ? error_set_status(r) : 0;
}

void manager_release_ref(mgr_manager *m, uint64_t ident)
{
        manager_lock(m);
        refs_release(&m->refs, ident);
        pthread_mutex_unlock(&m->lock);
}

void manager_drop_ref(mgr_manager *m, uint64_t ident)
{
        manager_lock(m);
        refs_drop(&m->refs, ident, 1);
        pthread_mutex_unlock(&m->lock);
}

/* --- options */

static bool is_time(double seconds)
{
        return seconds >= 0; /* not so for a NaN */
}

static int manager_read_options(mgr_options *out, const mgr_options *given)
{
        int r;

        *out = (mgr_options)MGR_OPTIONS_INIT;
        r = arguments_read_options(out, sizeof(*out), given, "mgr_options");
        if (r < 0)
                return r;
        if (!is_time(out->connect_timeout) || !is_time(out->call_timeout) ||
            !is_time(out->shutdown_timeout))
                return error_set(-STATUS_VALUE, "a timeout must be a non-negative number");
        if (out->connect_timeout == 0)
                out->connect_timeout = DEFAULT_CONNECT_TIMEOUT;
        if (out->call_timeout == 0)
                out->call_timeout = MGR_FOREVER;
        if (out->shutdown_timeout == 0)
                out->shutdown_timeout = DEFAULT_SHUTDOWN_TIMEOUT;
        if (!out->name)
                out->name = program_invocation_short_name;
        return 0;
}

int manager_begin(mgr_manager **m, const mgr_options *given, mgr_options *out)
{
        int r;

        if (!m)
                return error_set_status(-STATUS_ARGUMENT);
        *m = NULL;
        r = registry_init();
        return r < 0 ? r : manager_read_options(out, given);
}

int manager_read_key(struct auth_key **out, const mgr_options *options)
{
        const char *why = "";
        int r;

        if (options->authkey) {
                r = auth_key_new(out, span_of(options->authkey, options->authkey_size));
                return r < 0 ? error_set(r, "authkey: %s", status_text(r)) : 0;
        }
        r = auth_key_load(out, options->authkey_file, &why);
        return r < 0 ? error_set(r, "authkey %s: %s", options->authkey_file, why) : 0;
}

/* --- making one */

int manager_new(mgr_manager **out, const char *address, struct auth_key *key,
                const mgr_options *options)
{
        mgr_manager *m = calloc(1, sizeof(*m));

        if (!m) {
                auth_key_free(key);
                return error_set_status(-STATUS_NOMEM);
        }
        atomic_init(&m->n_refs, 1);
        pthread_mutex_init(&m->lock, NULL);
        m->key = key;
        m->address = strdup(address);
        m->name = strdup(options->name);
        m->connect_timeout = options->connect_timeout;
        m->call_timeout = options->call_timeout;
        m->shutdown_timeout = options->shutdown_timeout;
        m->flags = options->flags;
        m->started.pidfd = -1;
        m->adopted = true;
        if (!m->address || !m->name) {
                manager_unref(m);
                return error_set_status(-STATUS_NOMEM);
        }
        atomic_init(&m->serial, registry_next_serial());
        registry_lock();
        registry_add(m);
        registry_unlock();
        *out = m;
        return 0;
}

int manager_greet(mgr_manager *m)
{
        struct connection *connection;
        int r;

        r = thread_check_out(m, &connection);
        if (r == 0)
                thread_check_in(connection);
        return r;
}

int manager_new_greeted(mgr_manager **out, const char *address, struct auth_key *key,
                        const mgr_options *options)
{
        int r;

        r = manager_new(out, address, key, options);
        if (r < 0)
                return r;
        r = manager_greet(*out);
        if (r < 0) {
                manager_close(*out);
                *out = NULL;
        }
        return r;
}

/* $XDG_RUNTIME_DIR/managerd or /tmp/managerd-UID: ours, and for nobody else. */
static int default_address(char address[ADDRESS_MAX])
{
        const char *runtime = secure_getenv("XDG_RUNTIME_DIR");
        struct stat st;
        int n;

        if (runtime && *runtime == '/')
                n = snprintf(address, ADDRESS_MAX, "%s/managerd", runtime);
        else
                n = snprintf(address, ADDRESS_MAX, "/tmp/managerd-%u", (unsigned)geteuid());
        if (n < 0 || n + sizeof("/manager.sock") > ADDRESS_MAX)
                return error_set(-STATUS_CONNECT, "$XDG_RUNTIME_DIR is too long for an address");
        if (lstat(address, &st) == 0 &&
            (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077))
                return error_set(-STATUS_CONNECT, "%s is not a directory of our own alone",
                                 address);
        memcpy(address + n, "/manager.sock", sizeof("/manager.sock"));
        return 0;
}

/* The file "authkey" beside the socket. */
static int default_key(struct auth_key **out, const char *address, mgr_options *options)
{
        const char *slash = strrchr(address, '/');
        int n = slash ? (int)(slash - address) : 1;
        char *path;
        int r;

        /* without a daemon there is no key either, but that is not what one wants to hear */
        if (access(address, F_OK) < 0)
                return error_set(-STATUS_CONNECT, "cannot connect to %s: %s", address,
                                 strerror(errno));
        if (asprintf(&path, "%.*s/authkey", n, slash ? address : ".") < 0)
                return error_set_status(-STATUS_NOMEM);
        options->authkey_file = path;
        r = manager_read_key(out, options);
        free(path);
        return r;
}

int mgr_connect(mgr_manager **m, const char *address, const mgr_options *options)
{
        char by_default[ADDRESS_MAX];
        struct auth_key *key;
        mgr_options o;
        int r;

        r = manager_begin(m, options, &o);
        if (r == 0 && !address) {
                r = default_address(by_default);
                address = by_default;
        }
        if (r < 0)
                return r;
        if (o.authkey || o.authkey_file)
                r = manager_read_key(&key, &o);
        else
                r = default_key(&key, address, &o);
        return r < 0 ? r : manager_new_greeted(m, address, key, &o);
}

/* --- the end of one */

/* The daemon learns at once what this process does not need, while there is somebody to tell. */
static void manager_say_goodbye(mgr_manager *m)
{
        struct connection *connection;
        bool known;

        registry_lock();
        pthread_mutex_lock(&m->lock);
        known = m->connections && m->adopted && (m->refs.n || atomic_load(&m->refs.n_drops));
        refs_release_all(&m->refs);
        pthread_mutex_unlock(&m->lock);
        registry_unlock();
        if (!known || thread_check_out(m, &connection) < 0)
                return;
        if (call_flush_drops(connection, true, clock_after(m->connect_timeout)) < 0)
                thread_discard(connection);
        else
                thread_check_in(connection);
}

void manager_close(mgr_manager *m)
{
        atomic_store(&m->closed, true);
        registry_lock();
        for (struct connection **at = &m->connections, *connection; (connection = *at);) {
                if (connection->apart) {
                        shutdown(connection->fd, SHUT_RDWR);
                        at = &connection->next;
                } else {
                        *at = connection->next;
                        connection_free(connection);
                }
        }
        /* whoever remembers one of them by the old serial finds nothing */
        atomic_store(&m->serial, registry_next_serial());
        registry_unlock();
        manager_unref(m);
}

/* With replies that nobody reads they would keep the daemon from ending. */
static void manager_end_apart(mgr_manager *m)
{
        registry_lock();
        for (struct connection *connection = m->connections; connection;
             connection = connection->next)
                if (connection->apart)
                        shutdown(connection->fd, SHUT_RDWR);
        registry_unlock();
}

void mgr_manager_free(mgr_manager *m)
{
        if (!m)
                return;
        image_check();
        if (m->started.owner == getpid()) {
                manager_end_apart(m);
                private_daemon_end(m);
        } else {
                manager_say_goodbye(m);
        }
        manager_close(m);
}

/* --- server-level calls */

static int manager_call(mgr_manager *m, const struct method *method, const mgr_value *args,
                        size_t n_args, mgr_value *result)
{
        struct call call = { .manager = m, .method = method, .row = args, .n_row = n_args };

        return call_make(&call, result);
}

const char *mgr_manager_address(const mgr_manager *m)
{
        return m ? m->address : "";
}

int mgr_manager_shutdown(mgr_manager *m)
{
        static const struct method method = METHOD_WRITE("shutdown");

        return manager_call(m, &method, NULL, 0, NULL);
}

int mgr_manager_ping(mgr_manager *m)
{
        static const struct method method = METHOD_READ("dummy");

        return manager_call(m, &method, NULL, 0, NULL);
}

int mgr_manager_number_of_objects(mgr_manager *m, size_t *n)
{
        static const struct method method = METHOD_READ("number_of_objects");
        mgr_value result;
        int r = call_check_out(n);

        return r < 0 ? r
                     : call_result_count(manager_call(m, &method, NULL, 0, &result), &result, n);
}

int mgr_manager_debug_info(mgr_manager *m, mgr_value *text)
{
        static const struct method method = METHOD_READ("debug_info");
        int r = call_check_out(text);

        return r < 0 ? r : manager_call(m, &method, NULL, 0, text);
}

int mgr_manager_unlink(mgr_manager *m, const char *name)
{
        static const struct method method = METHOD_WRITE("unlink");
        mgr_value arg = mgr_str(name), result;

        return call_result_bool(manager_call(m, &method, &arg, 1, &result), &result);
}

int mgr_manager_call(mgr_manager *m, const char *name, const mgr_value *args, size_t n_args,
                     mgr_value *result)
{
        struct method method = { .reads = false };

        if (!name)
                return error_set_status(-STATUS_ARGUMENT);
        method.name = span_of_cstr(name);
        return manager_call(m, &method, args, n_args, result);
}
