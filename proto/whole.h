/*
 * whole - pipes and files, all of what is to be read or written, whatever interrupts it
 */
#pragma once

#include <errno.h>
#include <stddef.h>
#include <sys/types.h>
#include <unistd.h>

/* Returns how many bytes there were before the end, or -1. */
static inline ssize_t whole_read(int fd, void *to, size_t n)
{
        size_t at = 0;

        while (at < n) {
                ssize_t r = read(fd, (char *)to + at, n - at);

                if (r < 0 && errno != EINTR)
                        return -1;
                if (r == 0)
                        break;
                at += r < 0 ? 0 : (size_t)r;
        }
        return (ssize_t)at;
}

/* Returns n, or -1. */
static inline ssize_t whole_write(int fd, const void *from, size_t n)
{
        size_t at = 0;

        while (at < n) {
                ssize_t r = write(fd, (const char *)from + at, n - at);

                if (r < 0 && errno != EINTR)
                        return -1;
                at += r < 0 ? 0 : (size_t)r;
        }
        return (ssize_t)n;
}
