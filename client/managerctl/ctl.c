/*
 * ctl - one command under way: its options, its daemon, and what can go wrong
 */
#include "client/managerctl/ctl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "client/managerctl/text.h"

#define MAX_MESSAGE_SIZE 900

/* --- messages */

/* Of a long text, such as a value that is quoted, both ends. */
static void write_ends(const char *text, size_t size)
{
        size_t head, tail;

        if (size <= MAX_MESSAGE_SIZE) {
                text_write_safe(stderr, text, size);
                return;
        }
        head = text_boundary(text, MAX_MESSAGE_SIZE * 2 / 3);
        tail = text_boundary(text, size - MAX_MESSAGE_SIZE / 3);
        text_write_safe(stderr, text, head);
        fputs(" … ", stderr);
        text_write_safe(stderr, text + tail, size - tail);
}

static void say(const char *format, va_list args)
{
        char *text;
        int n = vasprintf(&text, format, args);

        fputs("managerctl: ", stderr);
        if (n < 0) {
                fputs("out of memory\n", stderr);
                return;
        }
        write_ends(text, (size_t)n);
        putc('\n', stderr);
        free(text);
}

void ctl_say(const char *format, ...)
{
        va_list args;

        va_start(args, format);
        say(format, args);
        va_end(args);
}

int ctl_misuse(const char *format, ...)
{
        va_list args;

        va_start(args, format);
        say(format, args);
        va_end(args);
        return EXIT_USAGE;
}

int ctl_strange(void)
{
        ctl_say("the daemon answers with something that no managerd would");
        return EXIT_SERVER;
}

int ctl_out_of_memory(void)
{
        ctl_say("out of memory");
        return EXIT_SERVER;
}

/*
 * What an object raised is an answer, if not the one that was hoped for; that it is out of
 * memory, or that the daemon is, is none.
 */
static int exit_code_of(int r)
{
        bool raised = *mgr_error_name() != '\0';

        switch (r) {
        case MGR_EAUTHENTICATION:
                return EXIT_AUTHENTICATION;
        case MGR_ECONNECT:
                return EXIT_CONNECT;
        case MGR_ENO_OBJECT:
        case MGR_ENO_METHOD:
                return EXIT_NEGATIVE;
        case MGR_ENOMEM:
                return EXIT_SERVER;
        case MGR_EREMOTE:
                return strcmp(mgr_error_name(), "RemoteError") == 0 ? EXIT_SERVER : EXIT_NEGATIVE;
        default:
                return raised && r >= MGR_EASSERTION ? EXIT_NEGATIVE : EXIT_SERVER;
        }
}

int ctl_fail(int r)
{
        int code = exit_code_of(r);

        if (r == MGR_ENOMEM && *mgr_error_name() == '\0')
                return ctl_out_of_memory(); /* ours: not everybody who says so leaves a message */
        ctl_say(r == MGR_ENOMEM ? "%s (the daemon's memory: `managerctl stats` shows memory_used, "
                                  "and max_memory, which --max-memory sets)"
                                : "%s",
                mgr_errmsg());
        return code;
}

/* --- the daemon */

int ctl_connect(struct ctl *ctl)
{
        mgr_options options = MGR_OPTIONS_INIT;
        int r;

        options.authkey_file = ctl->options->authkey;
        options.connect_timeout = ctl->options->timeout;
        options.call_timeout = ctl->options->timeout;
        r = mgr_connect(&ctl->m, ctl->options->socket, &options);
        if (r == 0)
                return EXIT_DONE;
        ctl_say("%s", mgr_errmsg());
        return r == MGR_EAUTHENTICATION ? EXIT_AUTHENTICATION
               : r == MGR_ENOMEM        ? EXIT_SERVER
                                        : EXIT_CONNECT;
}

void ctl_disconnect(struct ctl *ctl)
{
        mgr_manager_free(ctl->m);
        ctl->m = NULL;
}

/* --- the output */

bool ctl_can_write(struct ctl *ctl)
{
        if (!ferror(stdout) && fflush(stdout) == 0)
                return true;
        if (!ctl->write_error)
                ctl->write_error = errno;
        return false;
}

int ctl_finish(struct ctl *ctl, int code)
{
        if (ctl_can_write(ctl))
                return code;
        ctl_say("cannot write the output: %s",
                ctl->write_error ? strerror(ctl->write_error) : "a write failed");
        return code == EXIT_DONE ? EXIT_SERVER : code;
}

int ctl_done(const struct ctl *ctl)
{
        if (ctl->options->json)
                puts("{\"ok\": true}");
        return EXIT_DONE;
}
