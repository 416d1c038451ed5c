/*
 * ledger - what the workers of the chaos test did, told by memory that survives them
 */
#include "tests/chaos/ledger.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

struct ledger *ledger_new(void)
{
        void *memory = mmap(NULL, sizeof(struct ledger), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);

        return memory == MAP_FAILED ? NULL : memory;
}

void ledger_fail(struct ledger *ledger, const char *format, ...)
{
        va_list ap;

        if (atomic_flag_test_and_set(&ledger->failed))
                return;
        va_start(ap, format);
        vsnprintf(ledger->failure, sizeof(ledger->failure), format, ap);
        va_end(ap);
        atomic_store(&ledger->stop, true);
}

bool ledger_has_failed(struct ledger *ledger)
{
        return ledger->failure[0] != '\0';
}

unsigned ledger_count_inside(struct ledger *ledger, enum place place)
{
        unsigned n = 0;

        for (size_t i = 0; i < MAX_WORKERS; ++i)
                n += atomic_load(&ledger->slots[i].inside[place]) &&
                     !atomic_load(&ledger->slots[i].dying);
        return n;
}

bool ledger_lives(struct ledger *ledger, unsigned number)
{
        for (size_t i = 0; i < MAX_WORKERS; ++i)
                if (atomic_load(&ledger->slots[i].number) == number)
                        return !atomic_load(&ledger->slots[i].dying);
        return false;
}

uint64_t ledger_now(void)
{
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void ledger_note_death(struct ledger *ledger, pid_t pid)
{
        struct death *death = &ledger->deaths[atomic_load(&ledger->n_deaths) % MAX_DEATHS];

        death->at = ledger_now();
        atomic_store(&death->pid, pid);
        atomic_fetch_add(&ledger->n_deaths, 1);
}

void ledger_note_takeover(struct ledger *ledger, pid_t dead, uint64_t since)
{
        uint64_t now = ledger_now();
        unsigned n = atomic_load(&ledger->n_deaths);

        atomic_fetch_add(&ledger->n_inherited, 1);
        for (unsigned i = n; i > 0 && n - i < MAX_DEATHS; --i) {
                const struct death *death = &ledger->deaths[(i - 1) % MAX_DEATHS];

                if (atomic_load(&death->pid) != dead)
                        continue;
                if (death->at >= since)
                        ledger->takeovers[atomic_fetch_add(&ledger->n_takeovers, 1) %
                                          MAX_TAKEOVERS] = now - death->at;
                return;
        }
}
