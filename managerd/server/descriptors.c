/*
 * descriptors - how many the daemon may have, and what it has them for
 */
#include "managerd/server/descriptors.h"

#include <errno.h>
#include <poll.h>
#include <sys/resource.h>

#include "managerd/log.h"

#define DESCRIPTORS_MAX_OWN 1024

uint64_t descriptors_raise(void)
{
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return UINT64_MAX;
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
        if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
                return UINT64_MAX;
        return limit.rlim_cur;
}

uint64_t descriptors_count(void)
{
        struct pollfd all[DESCRIPTORS_MAX_OWN];
        struct rlimit limit = { .rlim_cur = DESCRIPTORS_MAX_OWN };
        nfds_t n = DESCRIPTORS_MAX_OWN;
        uint64_t n_open = 0;
        int r;

        /* poll() takes no more than there may be. */
        getrlimit(RLIMIT_NOFILE, &limit);
        if (limit.rlim_cur < n)
                n = limit.rlim_cur;
        for (nfds_t i = 0; i < n; ++i)
                all[i] = (struct pollfd){ .fd = (int)i };
        do
                r = poll(all, n, 0);
        while (r < 0 && errno == EINTR);
        for (nfds_t i = 0; i < n && r >= 0; ++i)
                n_open += !(all[i].revents & POLLNVAL);
        return n_open;
}

void descriptors_log(uint64_t allowed, uint64_t own, uint64_t max_clients)
{
        uint64_t left = allowed > own ? allowed - own : 0;
        /* a connection and its process; and all of them of one process */
        uint64_t at_least = left / 2, at_most = left ? left - 1 : 0;

        if (at_most < max_clients)
                log_warning("%llu descriptors are allowed: that is enough for %llu to %llu "
                            "connections, by how many processes they are of, and not for the %llu "
                            "of --max-clients",
                            (unsigned long long)allowed, (unsigned long long)at_least,
                            (unsigned long long)at_most, (unsigned long long)max_clients);
        else
                log_debug("%llu descriptors are allowed, %llu are the daemon's own: at least %llu "
                          "connections will fit",
                          (unsigned long long)allowed, (unsigned long long)own,
                          (unsigned long long)at_least);
}
