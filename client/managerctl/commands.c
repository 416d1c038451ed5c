/*
 * commands - the table of all commands
 */
#include "client/managerctl/command.h"

#include <string.h>

extern const struct command command_ls;
extern const struct command command_info;
extern const struct command command_get;
extern const struct command command_set;
extern const struct command command_del;
extern const struct command command_call;
extern const struct command command_create;
extern const struct command command_unlink;
extern const struct command command_ping;
extern const struct command command_stats;
extern const struct command command_sessions;
extern const struct command command_peers;
extern const struct command command_locks;
extern const struct command command_waiters;
extern const struct command command_shutdown;
extern const struct command command_help;

const struct command *const commands[] = {
        &command_ls,    &command_info,    &command_get,      &command_set,
        &command_del,   &command_call,    &command_create,   &command_unlink,
        &command_locks, &command_waiters, &command_sessions, &command_peers,
        &command_stats, &command_ping,    &command_shutdown, &command_help,
        NULL,
};

#define NAME_MAX_COMPARED 16

const struct command *command_find(const char *name)
{
        for (size_t i = 0; commands[i]; ++i)
                if (strcmp(commands[i]->name, name) == 0)
                        return commands[i];
        return NULL;
}

static size_t least(size_t a, size_t b, size_t c)
{
        size_t ab = a < b ? a : b;

        return ab < c ? ab : c;
}

/* Levenshtein's distance: how many letters to insert, delete or replace. */
static size_t distance(const char *a, const char *b)
{
        size_t row[NAME_MAX_COMPARED + 1];
        size_t n = strlen(b);

        if (n > NAME_MAX_COMPARED || strlen(a) > NAME_MAX_COMPARED)
                return NAME_MAX_COMPARED;
        for (size_t i = 0; i <= n; ++i)
                row[i] = i;
        for (; *a; ++a) {
                size_t diagonal = row[0]++;

                for (size_t i = 1; i <= n; ++i) {
                        size_t replaced = diagonal + (*a != b[i - 1]);

                        diagonal = row[i];
                        row[i] = least(row[i] + 1, row[i - 1] + 1, replaced);
                }
        }
        return row[n];
}

const struct command *command_nearest(const char *name)
{
        const struct command *nearest = NULL;
        size_t best = (strlen(name) + 1) / 2 + 1; /* half of the letters have to be right */

        if (best > 3) /* and all but two */
                best = 3;
        for (size_t i = 0; commands[i]; ++i) {
                size_t n = distance(name, commands[i]->name);

                if (n < best) {
                        best = n;
                        nearest = commands[i];
                }
        }
        return nearest;
}
