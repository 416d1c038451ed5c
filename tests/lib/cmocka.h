/*
 * cmocka - cmocka with the headers it wants to see first, and what tests like
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static inline void cleanup_free(void *pointer)
{
        free(*(void **)pointer);
}

#define _cleanup_free_ __attribute__((cleanup(cleanup_free)))
