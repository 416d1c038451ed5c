/*
 * options - the command line, read
 *
 * By hand: getopt would take the -1 of `get numbers -1` for an option.
 */
#include "client/managerctl/options.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/managerctl/command.h"

struct reader {
        struct options *options;
        char *why;
        size_t size;
};

__attribute__((format(printf, 2, 3))) static int refuse(struct reader *reader, const char *format,
                                                        ...)
{
        va_list args;

        va_start(args, format);
        vsnprintf(reader->why, reader->size, format, args);
        va_end(args);
        return -EINVAL;
}

/* --- what each option does with its value */

static int set_socket(struct reader *reader, char *value)
{
        reader->options->socket = value;
        return *value ? 0 : refuse(reader, "--socket wants a path");
}

static int set_authkey(struct reader *reader, char *value)
{
        reader->options->authkey = value;
        return *value ? 0 : refuse(reader, "--authkey wants the path of a file");
}

static int set_timeout(struct reader *reader, char *value)
{
        char *end;

        reader->options->timeout = strtod(value, &end);
        if (!*value || *end || !isfinite(reader->options->timeout) || reader->options->timeout <= 0)
                return refuse(reader, "--timeout wants seconds, more than 0, not '%s'", value);
        return 0;
}

static int set_json(struct reader *reader, char *value)
{
        (void)value;
        reader->options->json = true;
        return 0;
}

static int set_help(struct reader *reader, char *value)
{
        (void)value;
        reader->options->help = true;
        return 0;
}

static int set_version(struct reader *reader, char *value)
{
        (void)value;
        reader->options->version = true;
        return 0;
}

static int set_limit(struct reader *reader, char *value)
{
        unsigned long long n;
        char *end;

        errno = 0;
        n = strtoull(value, &end, 10);
        if (!isdigit((unsigned char)*value) || *end || errno || n >= SIZE_MAX)
                return refuse(reader, "--limit wants a number, 0 for no limit, not '%s'", value);
        reader->options->limit = n ? (size_t)n : LIMIT_NONE;
        return 0;
}

static int add_kw(struct reader *reader, char *value)
{
        const char *equals = strchr(value, '=');

        if (!equals || equals == value)
                return refuse(reader, "--kw wants name=value, not '%s'", value);
        reader->options->kw[reader->options->n_kw++] = value;
        return 0;
}

static int set_nothing(struct reader *reader, char *value)
{
        (void)reader;
        (void)value;
        return 0;
}

/* --- the table */

static const struct option {
        const char *name;
        bool takes_value;
        unsigned flag; /* of those that not every command has */
        int (*read)(struct reader *reader, char *value);
} table[] = {
        { "--socket", true, 0, set_socket },
        { "--authkey", true, 0, set_authkey },
        { "--timeout", true, 0, set_timeout },
        { "--json", false, 0, set_json },
        { "--help", false, 0, set_help },
        { "-h", false, 0, set_help },
        { "--version", false, 0, set_version },
        { "-V", false, 0, set_version },
        { "--str", false, OPTION_STR, set_nothing },
        { "--create", false, OPTION_CREATE, set_nothing },
        { "--limit", true, OPTION_LIMIT, set_limit },
        { "--kw", true, OPTION_KW, add_kw },
};

#define N_OPTIONS (sizeof(table) / sizeof(table[0]))

const char *option_name(unsigned flag)
{
        for (size_t i = 0; i < N_OPTIONS; ++i)
                if (table[i].flag & flag)
                        return table[i].name;
        return "";
}

static const struct option *option_find(const char *arg, size_t size)
{
        for (size_t i = 0; i < N_OPTIONS; ++i)
                if (strlen(table[i].name) == size && memcmp(table[i].name, arg, size) == 0)
                        return &table[i];
        return NULL;
}

/* Reads one option, whose value may be `next`. How many arguments it took, or -EINVAL. */
static int option_read(struct reader *reader, char *arg, char *next)
{
        char *equals = strchr(arg, '=');
        const struct option *option =
                option_find(arg, equals ? (size_t)(equals - arg) : strlen(arg));
        char *value = equals ? equals + 1 : next;

        if (!option)
                return refuse(reader,
                              "unknown option '%s' (-- ends options: what begins with a minus "
                              "may stand behind it)",
                              arg);
        if (!option->takes_value && equals)
                return refuse(reader, "%s takes no value", option->name);
        if (option->takes_value && !value)
                return refuse(reader, "%s wants a value", option->name);
        if (option->read(reader, value) < 0)
                return -EINVAL;
        reader->options->given |= option->flag;
        return option->takes_value && !equals ? 2 : 1;
}

static bool looks_like_option(const char *arg)
{
        return arg[0] == '-' && arg[1] && !isdigit((unsigned char)arg[1]);
}

static void take_argument(struct options *options, char *arg)
{
        if (!options->command)
                options->command = arg;
        else
                options->args[options->n_args++] = arg;
}

int options_read(struct options *options, int argc, char **argv, char *why, size_t size)
{
        struct reader reader = { options, why, size };
        bool ended = false;
        int i = 1;

        *options = (struct options){ 0 };
        options->args = calloc((size_t)argc + 1, sizeof(char *));
        options->kw = calloc((size_t)argc + 1, sizeof(char *));
        if (!options->args || !options->kw)
                return -ENOMEM;

        while (i < argc) {
                int taken = 1;

                if (!ended && strcmp(argv[i], "--") == 0)
                        ended = true;
                else if (!ended && looks_like_option(argv[i]))
                        taken = option_read(&reader, argv[i], argv[i + 1]);
                else
                        take_argument(options, argv[i]);
                if (taken < 0)
                        return taken;
                i += taken;
        }
        return 0;
}

void options_deinit(struct options *options)
{
        free(options->args);
        free(options->kw);
}
