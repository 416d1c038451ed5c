/*
 * locking - what proxies of locks, and of Conditions over them, have in common
 */
#include "client/proxies/locking.h"

#include "client/error.h"
#include "client/proxies/waiting.h"

int locking_create(mgr_manager *m, const char *type, const char *name, unsigned flags,
                   mgr_proxy **out)
{
        mgr_value deadlock = mgr_bool(!(flags & MGR_NO_DEADLOCK));

        if (flags & ~(unsigned)MGR_NO_DEADLOCK)
                return error_set(-STATUS_ARGUMENT, "unknown flags for a %s", type);
        return proxy_create(m, type, name, &deadlock, 1, out);
}

/* --- taking and giving back */

int locking_granted(const struct notes *notes, mgr_grant *grant)
{
        if (grant) {
                *grant = (mgr_grant){ .fence = notes->fence };
                if (notes->owner_died)
                        grant->dead_pid = notes->dead_pid;
        }
        return notes->owner_died ? MGR_OWNER_DIED : 0;
}

static int locking_take(const struct waiting *waiting, const mgr_proxy *proxy,
                        enum ownership_kind kind, uint64_t lock, double timeout, mgr_grant *grant)
{
        struct ownership ownership;
        struct waiting_args args;
        struct notes notes;
        struct call call;
        mgr_value result;
        int r;

        r = waiting_describe(waiting, proxy, NULL, timeout, &args, &call);
        if (r == 0)
                r = ownership_init(&ownership, kind, lock);
        if (r < 0)
                return r;
        call.notes = &notes;
        call.ownership = &ownership;
        r = call_make(&call, &result);
        r = waiting_read(waiting, r, &result, &notes, timeout);
        ownership_deinit(&ownership);
        if (r >= 0)
                locking_granted(&notes, grant);
        return r;
}

int locking_acquire(const mgr_proxy *proxy, uint64_t lock, double timeout, mgr_grant *grant)
{
        return locking_take(&waiting_lock, proxy, OWNERSHIP_TAKES, lock, timeout, grant);
}

int locking_acquire_permit(const mgr_proxy *proxy, double timeout, mgr_grant *grant)
{
        return locking_take(&waiting_permit, proxy, OWNERSHIP_SHARES, proxy->ident, timeout, grant);
}

int locking_release(const mgr_proxy *proxy, uint64_t lock)
{
        static const struct method method = METHOD_WRITE("release");
        struct ownership ownership;
        struct call call = {
                .manager = proxy->manager,
                .ident = proxy->ident,
                .method = &method,
                .ownership = &ownership,
        };

        ownership_init_giving(&ownership, lock, 1);
        return call_make(&call, NULL);
}

int locking_release_permits(const mgr_proxy *proxy, uint64_t n)
{
        static const struct method method = METHOD_WRITE("release");
        mgr_value number = mgr_uint(n);
        const mgr_value *const args[] = { &number };
        struct ownership ownership;
        struct call call = {
                .manager = proxy->manager,
                .ident = proxy->ident,
                .method = &method,
                .args = args,
                .n_args = 1,
                .ownership = &ownership,
        };

        ownership_init_giving(&ownership, proxy->ident, n);
        return call_make(&call, NULL);
}

int locking_wait(const mgr_proxy *proxy, uint64_t lock, double timeout, struct notes *notes)
{
        struct ownership ownership;
        struct waiting_args args;
        struct call call;
        mgr_value result;
        int r;

        r = waiting_describe(&waiting_condition, proxy, NULL, timeout, &args, &call);
        if (r == 0)
                r = ownership_init(&ownership, OWNERSHIP_WAITS, lock);
        if (r < 0)
                return r;
        call.seconds = MGR_FOREVER; /* the lock may be long in coming */
        call.notes = notes;
        call.ownership = &ownership;
        r = call_result_bool(call_make(&call, &result), &result);
        ownership_deinit(&ownership);
        return r;
}

/* --- looking at it */

int locking_is_locked(const mgr_proxy *proxy)
{
        static const struct method method = METHOD_READ("locked");
        mgr_value result;

        return call_result_bool(call_plain(proxy, &method, &result), &result);
}

int locking_get_fence(const mgr_proxy *proxy, uint64_t *fence)
{
        static const struct method method = METHOD_READ("fence");
        mgr_value result;
        size_t n;
        int r;

        r = call_check_out(fence);
        if (r == 0)
                r = call_result_count(call_plain(proxy, &method, &result), &result, &n);
        if (r == 0)
                *fence = n;
        return r;
}

static int fail_holder(void)
{
        return error_set(-STATUS_PROTOCOL, "the manager tells a strange holder");
}

/* What stands there under this name: a view. */
static int read_part(const mgr_value *dict, const char *name, mgr_kind kind, mgr_value *part)
{
        mgr_value key = mgr_str(name);
        int r = mgr_value_find(dict, &key, part);

        if (r == MGR_EKEY || (r == 0 && part->kind != (int)kind))
                return fail_holder();
        return r;
}

static int read_integer(const mgr_value *dict, const char *name, uint64_t *out)
{
        mgr_value part;
        int r = read_part(dict, name, MGR_KIND_INT, &part);

        if (r == 0)
                *out = part.as.uinteger;
        return r;
}

static int read_holder(const mgr_value *dict, mgr_holder *holder)
{
        mgr_value seconds, abandoned;
        uint64_t pid = 0;
        int r;

        r = read_integer(dict, "pid", &pid);
        if (r == 0)
                r = read_integer(dict, "session", &holder->session);
        if (r == 0)
                r = read_integer(dict, "count", &holder->count);
        if (r == 0)
                r = read_integer(dict, "fence", &holder->fence);
        if (r == 0)
                r = read_part(dict, "seconds", MGR_KIND_FLOAT, &seconds);
        if (r == 0)
                r = read_part(dict, "abandoned", MGR_KIND_BOOL, &abandoned);
        if (r < 0)
                return r;
        holder->pid = (int64_t)pid;
        holder->seconds = seconds.as.real;
        holder->abandoned = abandoned.as.boolean;
        return 1;
}

int locking_get_holder(const mgr_proxy *proxy, mgr_holder *holder)
{
        static const struct method method = METHOD_READ("holder");
        mgr_holder found = { .pid = 0 };
        mgr_value result;
        int r;

        r = call_check_out(holder);
        if (r == 0)
                r = call_plain(proxy, &method, &result);
        if (r < 0 || result.kind == MGR_KIND_NONE)
                return r;
        r = result.kind == MGR_KIND_DICT ? read_holder(&result, &found) : fail_holder();
        mgr_value_clear(&result);
        if (r > 0)
                *holder = found;
        return r;
}
