/*
 * config - the command line
 */
#include "managerd/config.h"

#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "managerd/version.h"
#include "proto/frame.h"
#include "proto/message.h"

enum option_kind {
        OPTION_TEXT,
        OPTION_FD,
        OPTION_COUNT,
        OPTION_SIZE,
        OPTION_SECONDS,
        OPTION_LEVEL,
        OPTION_UID,
        OPTION_FLAG,
        OPTION_HELP,
        OPTION_VERSION,
};

struct option_row {
        const char *name;
        const char *argument; /* its name in --help; NULL: takes none */
        const char *help;
        enum option_kind kind;
        size_t offset;     /* in struct config */
        uint64_t min, max; /* of numbers */
};

#define OPTION_AT(member)    offsetof(struct config, server.member)
#define OPTION_LIMIT(member) offsetof(struct config, server.limits.member)
#define MAX_SECONDS          86400

static const struct option_row option_rows[] = {
        { "socket", "PATH",
          "socket to listen on (default: $XDG_RUNTIME_DIR/managerd/manager.sock,\n"
          "else /tmp/managerd-UID/manager.sock)",
          OPTION_TEXT, OPTION_AT(socket_path), 0, 0 },
        { "authkey", "FILE",
          "key that clients must know, in a file that only its owner can read\n"
          "(default: authkey beside the socket, made where there is none)",
          OPTION_TEXT, OPTION_AT(authkey_path), 0, 0 },
        { "authkey-fd", "N", "read the key from descriptor N instead", OPTION_FD,
          OPTION_AT(authkey_fd), 0, INT_MAX },
        { "ready-fd", "N", "write the socket's path to descriptor N once it listens", OPTION_FD,
          OPTION_AT(ready_fd), 0, INT_MAX },
        { "follow-fd", "N", "end when the process of pidfd N ends", OPTION_FD, OPTION_AT(follow_fd),
          0, INT_MAX },
        { "allow-uid", "UID", "let this user in too (can be repeated)", OPTION_UID, 0, 0,
          UINT32_MAX - 1 },
        { "max-memory", "SIZE", "bytes of shared state (default: no limit)", OPTION_SIZE,
          OPTION_LIMIT(max_memory), 1 << 10, UINT64_MAX },
        { "max-frame", "SIZE", "bytes of a request or reply (default 64M)", OPTION_SIZE,
          OPTION_LIMIT(max_frame), 1 << 10, FRAME_MAX },
        { "max-depth", "N", "containers within containers (default 16)", OPTION_COUNT,
          OPTION_LIMIT(max_depth), 2, SCAN_MAX_DEPTH - MESSAGE_DEPTH },
        { "max-clients", "N", "connections (default 10000)", OPTION_COUNT,
          OPTION_LIMIT(max_clients), 1, 1 << 20 },
        { "max-unauthenticated", "N", "of them before authentication (default 1024)", OPTION_COUNT,
          OPTION_LIMIT(max_unauthenticated), 1, 1 << 20 },
        { "max-unauthenticated-per-process", "N", "of those from one process (default 64)",
          OPTION_COUNT, OPTION_LIMIT(max_unauthenticated_per_process), 1, 1 << 20 },
        { "auth-timeout", "SECONDS", "for authentication (default 5)", OPTION_SECONDS,
          OPTION_LIMIT(auth_timeout), 0, MAX_SECONDS },
        { "frame-timeout", "SECONDS", "for a request to arrive whole (default 30)", OPTION_SECONDS,
          OPTION_LIMIT(frame_timeout), 0, MAX_SECONDS },
        { "max-queued", "SIZE", "unread replies of a client until its requests wait (default 8M)",
          OPTION_SIZE, OPTION_LIMIT(max_queued), 1 << 10, UINT64_MAX },
        { "max-buffered", "SIZE",
          "requests that arrive and replies that wait, of all clients: beyond it\n"
          "whoever has most of them is cut off (default 2G)",
          OPTION_SIZE, OPTION_LIMIT(max_buffered), 1 << 20, UINT64_MAX },
        { "stall-timeout", "SECONDS", "for a client to read some of its replies (default 10)",
          OPTION_SECONDS, OPTION_LIMIT(stall_timeout), 0, MAX_SECONDS },
        { "no-sandbox", NULL, "keep the rights that it gives up once it serves (README)",
          OPTION_FLAG, OPTION_AT(no_sandbox), 0, 0 },
        { "log-level", "LEVEL", "error, warning, info or debug (default info)", OPTION_LEVEL,
          offsetof(struct config, log_level), 0, 0 },
        { "help", NULL, "show this", OPTION_HELP, 0, 0, 0 },
        { "version", NULL, "show the version", OPTION_VERSION, 0, 0, 0 },
};

#define N_OPTIONS     (sizeof(option_rows) / sizeof(option_rows[0]))
#define OPTION_COLUMN 28

/* The text's first line goes beside the option, the others below it. */
static void config_help_row(FILE *out, const struct option_row *row)
{
        int width = fprintf(out, row->argument ? "  --%s %s" : "  --%s", row->name,
                            row->argument ? row->argument : "");

        if (width >= OPTION_COLUMN) {
                fputc('\n', out);
                width = 0;
        }
        for (const char *at = row->help; *at; width = 0) {
                int n = (int)strcspn(at, "\n");

                fprintf(out, "%*s%.*s\n", OPTION_COLUMN - width, "", n, at);
                at += n + (at[n] == '\n');
        }
}

static void config_help(FILE *out)
{
        fputs("Usage: managerd [OPTION]...\n"
              "Share dicts, lists and more between processes, as Python's "
              "multiprocessing.Manager does.\n\n",
              out);
        for (size_t i = 0; i < N_OPTIONS; ++i)
                config_help_row(out, &option_rows[i]);
        fputs("\nA SIZE may end in K, M or G. A connection takes a descriptor, and so does every\n"
              "process of clients. TERM and INT end it cleanly.\n",
              out);
}

/* Digits and nothing else. */
static bool config_read_digits(const char *text, const char **end, uint64_t *out)
{
        uint64_t number = 0;
        const char *at = text;

        for (; *at >= '0' && *at <= '9'; ++at)
                if (__builtin_mul_overflow(number, 10u, &number) ||
                    __builtin_add_overflow(number, (uint64_t)(*at - '0'), &number))
                        return false;
        *end = at;
        *out = number;
        return at > text;
}

static bool config_read_count(const char *text, uint64_t *out)
{
        const char *end;

        return config_read_digits(text, &end, out) && !*end;
}

static bool config_read_size(const char *text, uint64_t *out)
{
        static const char units[] = "KMG";
        const char *end, *unit;

        if (!config_read_digits(text, &end, out))
                return false;
        if (!*end)
                return true;
        unit = strchr(units, *end >= 'a' ? *end - 'a' + 'A' : *end);
        if (!unit || end[1])
                return false;
        return !__builtin_mul_overflow(*out, UINT64_C(1) << (10 * (unit - units + 1)), out);
}

static bool config_read_seconds(const char *text, uint64_t max, uint64_t *out)
{
        double seconds;
        char *end;

        /* strtod() would also read "inf", "0x10" and " 5". */
        if (!*text || text[strspn(text, "0123456789.")])
                return false;
        seconds = strtod(text, &end);
        if (*end || !(seconds >= 0.001) || seconds > (double)max)
                return false;
        *out = (uint64_t)(seconds * (double)LIMITS_SECOND);
        return true;
}

static bool config_add_uid(struct config *config, uint64_t uid)
{
        struct server_options *server = &config->server;

        if (server->n_allowed_uids == SERVER_MAX_ALLOWED_UIDS)
                return false;
        server->allowed_uids[server->n_allowed_uids++] = (uid_t)uid;
        return true;
}

static bool config_set(struct config *config, const struct option_row *row, const char *text)
{
        void *at = (char *)config + row->offset;
        uint64_t number;
        bool in_range;

        if (row->kind == OPTION_TEXT) {
                *(const char **)at = text;
                return *text;
        }
        if (row->kind == OPTION_LEVEL)
                return log_level_from_name(text, at);
        if (row->kind == OPTION_SECONDS)
                return config_read_seconds(text, row->max, at);

        in_range = (row->kind == OPTION_SIZE ? config_read_size(text, &number)
                                             : config_read_count(text, &number)) &&
                   number >= row->min && number <= row->max;
        if (!in_range)
                return false;
        if (row->kind == OPTION_UID)
                return config_add_uid(config, number);
        if (row->kind == OPTION_FD)
                *(int *)at = (int)number;
        else
                *(uint64_t *)at = number;
        return true;
}

static const char *config_expectation(const struct option_row *row, char *text, size_t n)
{
        switch (row->kind) {
        case OPTION_TEXT:
                return "a path";
        case OPTION_LEVEL:
                return "error, warning, info or debug";
        case OPTION_SECONDS:
                snprintf(text, n, "seconds from 0.001 to %llu", (unsigned long long)row->max);
                return text;
        case OPTION_UID:
                snprintf(text, n, "the number of a user, at most %d times",
                         SERVER_MAX_ALLOWED_UIDS);
                return text;
        case OPTION_FD:
                return "the number of a descriptor";
        default:
                break;
        }
        if (row->max == UINT64_MAX)
                snprintf(text, n, "a %s of at least %llu",
                         row->kind == OPTION_SIZE ? "size" : "number",
                         (unsigned long long)row->min);
        else
                snprintf(text, n, "a %s from %llu to %llu",
                         row->kind == OPTION_SIZE ? "size" : "number", (unsigned long long)row->min,
                         (unsigned long long)row->max);
        return text;
}

static enum config_result config_apply(struct config *config, const struct option_row *row,
                                       const char *text, FILE *out, FILE *err)
{
        char expectation[80];

        if (row->kind == OPTION_HELP) {
                config_help(out);
                return CONFIG_SHOWN;
        }
        if (row->kind == OPTION_VERSION) {
                fputs("managerd " MANAGERD_VERSION "\n", out);
                return CONFIG_SHOWN;
        }
        if (row->kind == OPTION_FLAG) {
                *(bool *)((char *)config + row->offset) = true;
                return CONFIG_RUN;
        }
        if (config_set(config, row, text))
                return CONFIG_RUN;
        fprintf(err, "managerd: --%s %s: expected %s\n", row->name, text,
                config_expectation(row, expectation, sizeof(expectation)));
        return CONFIG_WRONG;
}

static enum config_result config_check(const struct config *config, FILE *err)
{
        const struct server_options *server = &config->server;

        if (server->authkey_path && server->authkey_fd >= 0) {
                fputs("managerd: --authkey and --authkey-fd exclude each other\n", err);
                return CONFIG_WRONG;
        }
        return CONFIG_RUN;
}

static enum config_result config_complain(int c, char **argv, FILE *err)
{
        const char *what = argv[optind - 1];

        if (c == ':')
                fprintf(err, "managerd: %s needs a value\n", what);
        else
                fprintf(err, "managerd: %s: no such option, or not like this\n", what);
        fputs("Try 'managerd --help'.\n", err);
        return CONFIG_WRONG;
}

enum config_result config_parse(struct config *config, int argc, char **argv, FILE *out, FILE *err)
{
        struct option options[N_OPTIONS + 1] = { 0 };
        enum config_result result;
        int c, i = 0;

        for (size_t n = 0; n < N_OPTIONS; ++n)
                options[n] =
                        (struct option){ option_rows[n].name,
                                         option_rows[n].argument ? required_argument : 0, NULL, 0 };

        *config = (struct config){ SERVER_OPTIONS_DEFAULT, LOG_LEVEL_INFO };
        optind = 0;
        opterr = 0;
        while ((c = getopt_long(argc, argv, "+:h", options, &i)) != -1) {
                if (c == 'h') {
                        config_help(out);
                        return CONFIG_SHOWN;
                }
                if (c)
                        return config_complain(c, argv, err);
                result = config_apply(config, &option_rows[i], optarg, out, err);
                if (result != CONFIG_RUN)
                        return result;
        }
        if (optind < argc) {
                fprintf(err, "managerd: %s: takes options only\nTry 'managerd --help'.\n",
                        argv[optind]);
                return CONFIG_WRONG;
        }
        return config_check(config, err);
}
