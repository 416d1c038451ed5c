/*
 * log - lines on stderr, each with a level
 *
 * The daemon runs in the foreground: whoever started it decides where stderr
 * goes. One line is one write(), so that lines of several daemons do not mix.
 * The level is the only mutable state of the program that is global.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum log_level {
        LOG_LEVEL_ERROR,   /* it cannot go on, or something is lost */
        LOG_LEVEL_WARNING, /* somebody should look */
        LOG_LEVEL_INFO,    /* began, ended, who was refused */
        LOG_LEVEL_DEBUG,   /* every client that comes and goes */
};

void log_set_level(enum log_level level);

/* False, and nothing set, where the name is none of error, warning, info, debug. */
bool log_level_from_name(const char *name, enum log_level *out);

void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)   log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* For what strangers can cause as often as they like: one line in ten seconds of each kind. */
struct log_limiter {
        uint64_t silent_until; /* monotonic nanoseconds */
        uint64_t n_silenced;   /* since the last line */
};

/* Whether to write a line now. *n_silenced is how many were held back before. */
bool log_limiter_pass(struct log_limiter *limiter, uint64_t now, uint64_t *n_silenced);
