/*
 * log - lines on stderr, each with a level
 */
#include "managerd/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOG_MAX_LINE      1024
#define LOG_LIMITER_PAUSE 10000000000ull

static enum log_level log_level = LOG_LEVEL_INFO;

static const char *const log_level_names[] = {
        [LOG_LEVEL_ERROR] = "error",
        [LOG_LEVEL_WARNING] = "warning",
        [LOG_LEVEL_INFO] = "info",
        [LOG_LEVEL_DEBUG] = "debug",
};

void log_set_level(enum log_level level)
{
        log_level = level;
}

bool log_level_from_name(const char *name, enum log_level *out)
{
        for (size_t i = 0; i < sizeof(log_level_names) / sizeof(log_level_names[0]); ++i) {
                if (strcmp(name, log_level_names[i]))
                        continue;
                *out = (enum log_level)i;
                return true;
        }
        return false;
}

/* Returns how many bytes it wrote. */
static size_t log_begin(char *line, size_t n, enum log_level level)
{
        struct timespec now;
        struct tm date;

        clock_gettime(CLOCK_REALTIME, &now);
        gmtime_r(&now.tv_sec, &date);
        /* strftime() would look for a new /etc/localtime each time, which the sandbox forbids. */
        return (size_t)snprintf(line, n,
                                "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ %s: ", date.tm_year + 1900,
                                date.tm_mon + 1, date.tm_mday, date.tm_hour, date.tm_min,
                                date.tm_sec, now.tv_nsec / 1000000, log_level_names[level]);
}

/* What others chose (a path, a name) must not be able to forge a line or steer a terminal. */
static void log_defuse(char *from, const char *to)
{
        for (; from < to; ++from)
                if ((unsigned char)*from < ' ' || *from == 0x7f)
                        *from = '?';
}

void log_write(enum log_level level, const char *format, ...)
{
        int saved_errno = errno;
        char line[LOG_MAX_LINE];
        size_t at, begin;
        va_list args;
        int n;

        if (level > log_level)
                return;

        begin = at = log_begin(line, sizeof(line), level);
        va_start(args, format);
        n = vsnprintf(line + at, sizeof(line) - at, format, args);
        va_end(args);
        if (n > 0)
                at += (size_t)n;
        if (at > sizeof(line) - 1)
                at = sizeof(line) - 1;
        log_defuse(line + begin, line + at);
        line[at++] = '\n';

        while (write(STDERR_FILENO, line, at) < 0 && errno == EINTR)
                ;
        errno = saved_errno;
}

bool log_limiter_pass(struct log_limiter *limiter, uint64_t now, uint64_t *n_silenced)
{
        if (now < limiter->silent_until) {
                ++limiter->n_silenced;
                return false;
        }
        *n_silenced = limiter->n_silenced;
        *limiter = (struct log_limiter){ .silent_until = now + LOG_LIMITER_PAUSE };
        return true;
}
