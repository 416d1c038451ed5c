/*
 * sandbox - what the process cannot do any more once it serves
 */
#define _GNU_SOURCE 1
#include "managerd/server/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "managerd/log.h"
#include "proto/status.h"

#ifdef __has_feature
#define SANDBOX_HAS_FEATURE(name) __has_feature(name)
#else
#define SANDBOX_HAS_FEATURE(name) 0
#endif

/*
 * A sanitizer opens files, starts threads and programs, and traces its own process
 * while it makes its report: to let it do so would leave nothing of the sandbox.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
        SANDBOX_HAS_FEATURE(address_sanitizer) || SANDBOX_HAS_FEATURE(thread_sanitizer) ||         \
        SANDBOX_HAS_FEATURE(memory_sanitizer)
#define SANDBOX_POSSIBLE 0
#else
#define SANDBOX_POSSIBLE 1
#endif

/* --- seccomp */

#ifndef SO_PEERPIDFD /* Linux 6.5 */
#define SO_PEERPIDFD 77
#endif

/*
 * With whatever arguments. Where there are several names for one thing, an
 * architecture or a C library has the one or the other.
 */
static const int sandbox_calls[] = {
        /* the loop: waiting, its pipe for signals, its eventfd */
        SCMP_SYS(epoll_wait),
        SCMP_SYS(epoll_pwait),
        SCMP_SYS(epoll_pwait2),
        SCMP_SYS(epoll_ctl),
        SCMP_SYS(read),
        SCMP_SYS(write),
        /* connections; with accept4 nobody can be reached who has not come to us */
        SCMP_SYS(accept4),
        SCMP_SYS(recvfrom),
        SCMP_SYS(recv),
        SCMP_SYS(send),
        SCMP_SYS(close),
        /* peers: who is allowed, whether a process has ended */
        SCMP_SYS(geteuid),
        SCMP_SYS(geteuid32),
        SCMP_SYS(poll),
        SCMP_SYS(ppoll),
        SCMP_SYS(ppoll_time64),
        SCMP_SYS(pidfd_open),
        /* the allocator; see below for mmap and mprotect */
        SCMP_SYS(brk),
        SCMP_SYS(munmap),
        SCMP_SYS(mremap),
        SCMP_SYS(madvise),
        /* letting go of the key */
        SCMP_SYS(munlock),
        /* time, where the kernel must be asked, and waiting: for patience, for address_lock() */
        SCMP_SYS(clock_gettime),
        SCMP_SYS(clock_gettime64),
        SCMP_SYS(gettimeofday),
        SCMP_SYS(nanosleep),
        SCMP_SYS(clock_nanosleep),
        SCMP_SYS(clock_nanosleep_time64),
        SCMP_SYS(sched_yield),
        /* nonces of challenges */
        SCMP_SYS(getrandom),
        /* signals that arrive, and no longer wanting them */
        SCMP_SYS(rt_sigaction),
        SCMP_SYS(rt_sigprocmask),
        SCMP_SYS(rt_sigreturn),
        SCMP_SYS(sigreturn),
        SCMP_SYS(restart_syscall),
        /* removing the socket: whether it is still ours (and so of any file that there is one) */
        SCMP_SYS(newfstatat),
        SCMP_SYS(fstatat64),
        SCMP_SYS(fstat),
        SCMP_SYS(fstat64),
        /* the C library's locks; abort(), see below for its signal; the end */
        SCMP_SYS(futex),
        SCMP_SYS(futex_time64),
        SCMP_SYS(getpid),
        SCMP_SYS(gettid),
        SCMP_SYS(writev),
        SCMP_SYS(exit),
        SCMP_SYS(exit_group),
};

/*
 * Only with these arguments; several rows of one call are alternatives. A filter sees
 * numbers and pointers, not what they point to: which file it is that unlinkat()
 * removes is Landlock's part.
 */
struct sandbox_rule {
        int call;
        unsigned n;
        struct scmp_arg_cmp arguments[2];
};

#define ARGUMENT(n, value)                                                                         \
        {                                                                                          \
                (n), SCMP_CMP_EQ, (scmp_datum_t)(value), 0                                         \
        }
#define ARGUMENT_BITS(n, bits, value)                                                              \
        {                                                                                          \
                (n), SCMP_CMP_MASKED_EQ, (bits), (value)                                           \
        }
#define ARGUMENT_NO_BITS(n, bits) ARGUMENT_BITS(n, bits, 0)

static const struct sandbox_rule sandbox_rules[] = {
        /* no address: nobody can be written to but whom we are connected with */
        { SCMP_SYS(sendto), 1, { ARGUMENT(4, 0) } },
        /* who has connected */
        { SCMP_SYS(getsockopt), 2, { ARGUMENT(1, SOL_SOCKET), ARGUMENT(2, SO_PEERCRED) } },
        { SCMP_SYS(getsockopt), 2, { ARGUMENT(1, SOL_SOCKET), ARGUMENT(2, SO_PEERPIDFD) } },
        /* the loop makes descriptors non-blocking, whichever way its version prefers */
        { SCMP_SYS(ioctl), 1, { ARGUMENT(1, FIONBIO) } },
        { SCMP_SYS(fcntl), 1, { ARGUMENT(1, F_GETFL) } },
        { SCMP_SYS(fcntl), 1, { ARGUMENT(1, F_SETFL) } },
        { SCMP_SYS(fcntl64), 1, { ARGUMENT(1, F_GETFL) } },
        { SCMP_SYS(fcntl64), 1, { ARGUMENT(1, F_SETFL) } },
        /* the listener's reserve */
        { SCMP_SYS(fcntl), 1, { ARGUMENT(1, F_DUPFD_CLOEXEC) } },
        { SCMP_SYS(fcntl64), 1, { ARGUMENT(1, F_DUPFD_CLOEXEC) } },
        /* memory, but none that is executed, and no file's */
        { SCMP_SYS(mmap),
          2,
          { ARGUMENT_NO_BITS(2, PROT_EXEC), ARGUMENT_BITS(3, MAP_ANONYMOUS, MAP_ANONYMOUS) } },
        { SCMP_SYS(mmap2),
          2,
          { ARGUMENT_NO_BITS(2, PROT_EXEC), ARGUMENT_BITS(3, MAP_ANONYMOUS, MAP_ANONYMOUS) } },
        { SCMP_SYS(mprotect), 1, { ARGUMENT_NO_BITS(2, PROT_EXEC) } },
};

/* Bytes that making the filter takes, and more; less than the C library gives back at once. */
#define SANDBOX_MEMORY ((size_t)112 << 10)

static int sandbox_add(scmp_filter_ctx filter, const struct sandbox_rule *rule)
{
        return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, rule->call, rule->n, rule->arguments);
}

/* What depends on who we are, and where our socket is. */
static int sandbox_add_own(scmp_filter_ctx filter, const struct sandbox_needs *needs)
{
        const struct sandbox_rule rules[] = {
                /* abort(): a signal to ourselves, and to nobody else */
                { SCMP_SYS(tgkill), 1, { ARGUMENT(0, getpid()) } },
                /* the socket's end, under the lock of its directory */
                { SCMP_SYS(flock), 1, { ARGUMENT(0, needs->directory) } },
                { SCMP_SYS(unlinkat), 2, { ARGUMENT(0, needs->directory), ARGUMENT(2, 0) } },
                { SCMP_SYS(rmdir), 0, { { 0 } } },
                { SCMP_SYS(unlinkat), 1, { ARGUMENT(2, AT_REMOVEDIR) } },
        };
        size_t n = needs->directory < 0 ? 1 : needs->removes_directory ? 5 : 3;
        int r = 0;

        for (size_t i = 0; i < n && r == 0; ++i)
                r = sandbox_add(filter, &rules[i]);
        return r;
}

static int sandbox_fill(scmp_filter_ctx filter, const struct sandbox_needs *needs)
{
        const size_t n_calls = sizeof(sandbox_calls) / sizeof(sandbox_calls[0]);
        const size_t n_rules = sizeof(sandbox_rules) / sizeof(sandbox_rules[0]);
        int r = 0;

        for (size_t i = 0; i < n_calls && r == 0; ++i)
                r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, sandbox_calls[i], 0, NULL);
        for (size_t i = 0; i < n_rules && r == 0; ++i)
                r = sandbox_add(filter, &sandbox_rules[i]);
        return r < 0 ? r : sandbox_add_own(filter, needs);
}

/* Both only make it better, and not every version of the library can do it. */
static void sandbox_tune(scmp_filter_ctx filter)
{
        /* The kernel logs what was denied: it is a bug of ours, or somebody else's doing. */
        (void)!seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1);
        /* Before Linux 5.16 a filter slows down all that is computed behind it, against spying on
         * one's own process: there is nothing to be found in it that it does not know anyway. */
        (void)!seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
        (void)!seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
        /* Another architecture's calls have other numbers. Nothing of ours makes them. */
        (void)!seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
}

/*
 * The library looks at few of its allocations: out of memory it may crash, or make a filter
 * that is not the one it was told. So we look whether there is as much as it takes.
 */
static bool sandbox_has_memory(void)
{
        void *room = malloc(SANDBOX_MEMORY);

        /* one that is not used would be none */
        if (room)
                explicit_bzero(room, SANDBOX_MEMORY);
        free(room);
        return room;
}

/*
 * What is not allowed fails with ENOSYS, which makes a C library newer than this
 * list fall back to the calls that older kernels have. Killing would mean that a
 * call which was forgotten here costs everybody's state, instead of one error.
 */
static int sandbox_enter_seccomp(const struct sandbox_needs *needs)
{
        scmp_filter_ctx filter;
        int r;

        if (!sandbox_has_memory())
                return -ENOMEM;
        filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
        if (!filter)
                return -ENOMEM;
        sandbox_tune(filter);
        r = sandbox_fill(filter, needs);
        if (r == 0)
                r = seccomp_load(filter);
        seccomp_release(filter);
        /* the library's words for "the kernel did not want it", and for a failure of its own */
        return r == -ECANCELED ? -ENOTSUP : r == -EFAULT ? -ENOMEM : r;
}

/* --- Landlock */

/* As newest kernels have it: the headers may be older. Each version takes the size it knows. */
struct sandbox_ruleset {
        uint64_t fs;
        uint64_t net;    /* from 4 on */
        uint64_t scoped; /* from 6 on */
};

#define SANDBOX_NET_ALL    0x3 /* TCP: bind, connect */
#define SANDBOX_SCOPED_ALL 0x3 /* abstract sockets, signals */

static uint64_t sandbox_all_of_fs(int version)
{
        /* the rights that a version knows are the lowest bits, without a gap */
        static const int n_rights[] = { 0, 13, 14, 15, 15, 16 };

        return (UINT64_C(1) << n_rights[version < 5 ? version : 5]) - 1;
}

static int sandbox_make_ruleset(int version)
{
        struct sandbox_ruleset all = {
                .fs = sandbox_all_of_fs(version),
                .net = version >= 4 ? SANDBOX_NET_ALL : 0,
                .scoped = version >= 6 ? SANDBOX_SCOPED_ALL : 0,
        };
        size_t size = version >= 6   ? sizeof(all)
                      : version >= 4 ? offsetof(struct sandbox_ruleset, scoped)
                                     : offsetof(struct sandbox_ruleset, net);
        int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);

        return ruleset < 0 ? -errno : ruleset;
}

/* Below the directory, that is: Landlock knows no rule for one entry of it. */
static int sandbox_leave(int ruleset, int directory, uint64_t rights)
{
        struct landlock_path_beneath_attr beneath = {
                .allowed_access = rights,
                .parent_fd = directory,
        };

        if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) < 0)
                return -errno;
        return 0;
}

static int sandbox_leave_needs(int ruleset, const struct sandbox_needs *needs)
{
        int parent, r;

        if (needs->directory < 0)
                return 0;
        r = sandbox_leave(ruleset, needs->directory, LANDLOCK_ACCESS_FS_REMOVE_FILE);
        if (r < 0 || !needs->removes_directory)
                return r;
        parent = openat(needs->directory, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (parent < 0)
                return -errno;
        r = sandbox_leave(ruleset, parent, LANDLOCK_ACCESS_FS_REMOVE_DIR);
        close(parent);
        return r;
}

/* The version in force, or -errno. */
static int sandbox_enter_landlock(const struct sandbox_needs *needs)
{
        int version =
                (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
        int ruleset, r;

        if (version <= 0)
                return version < 0 ? -errno : -ENOSYS;
        ruleset = sandbox_make_ruleset(version);
        if (ruleset < 0)
                return ruleset;
        r = sandbox_leave_needs(ruleset, needs);
        if (r == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
                r = -errno;
        close(ruleset);
        return r < 0 ? r : version;
}

/* --- both */

static const char *sandbox_why_not(int r)
{
        switch (-r) {
        case ENOSYS:
        case EINVAL:
        case ENOTSUP:
                return "not possible with this kernel, or here";
        default:
                return strerror(-r);
        }
}

static void sandbox_tell(int seccomp, int landlock)
{
        if (seccomp < 0)
                log_warning("sandbox: no seccomp: %s", sandbox_why_not(seccomp));
        /* Many a kernel has none: nothing to disturb anybody with, as long as there is a filter. */
        if (landlock < 0)
                log_write(seccomp < 0 ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
                          "sandbox: no Landlock: %s", sandbox_why_not(landlock));
        if (seccomp == 0 && landlock > 0)
                log_info("sandbox: seccomp, Landlock (ABI %d)", landlock);
        else if (seccomp == 0 || landlock > 0)
                log_info("sandbox: %s only", seccomp == 0 ? "seccomp" : "Landlock");
}

bool sandbox_is_built_in(void)
{
        return SANDBOX_POSSIBLE;
}

int sandbox_enter(struct sandbox *out, const struct sandbox_needs *needs)
{
        int seccomp, landlock;

        *out = (struct sandbox){ 0 };
        if (!sandbox_is_built_in()) {
                log_info("sandbox: none in a build with a sanitizer");
                return 0;
        }
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
                log_warning("sandbox: none: %s", strerror(errno));
                return 0;
        }
        /* Landlock first: the filter leaves no way to it. */
        landlock = sandbox_enter_landlock(needs);
        seccomp = sandbox_enter_seccomp(needs);
        if (landlock == -ENOMEM || seccomp == -ENOMEM) {
                log_error("sandbox: %s", status_text(-STATUS_NOMEM));
                return -STATUS_NOMEM;
        }
        sandbox_tell(seccomp, landlock);
        out->seccomp = seccomp == 0;
        out->landlock = landlock > 0 ? (uint64_t)landlock : 0;
        return 0;
}
