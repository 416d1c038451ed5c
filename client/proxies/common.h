/*
 * common - methods that several types have
 */
#pragma once

#include "client/proxy.h"
#include "client/request.h"

/*
 * The method compare_and_swap(key, expected, new), where either of the last two may be NULL: 1 or
 * 0, or an error.
 */
int common_compare_and_swap(const struct mgr_proxy *proxy, const mgr_value *key,
                            const mgr_value *expected, const mgr_value *desired);

/*
 * The method page(start, count) of a sequence; *start is moved to where the next page begins. 1,
 * or 0 where this one is the last, or an error.
 */
int common_page(const struct mgr_proxy *proxy, uint64_t *start, size_t count, mgr_value *list);

/* The same of another method that has pages. */
int common_page_of(const struct mgr_proxy *proxy, const struct method *method, uint64_t *start,
                   size_t count, mgr_value *list);

/*
 * The method page(cursor, count) of what is kept in a table; *cursor is moved on, and None behind
 * the last page. 1, or 0 where this one is the last, or an error.
 */
int common_page_at(const struct mgr_proxy *proxy, mgr_value *cursor, size_t count,
                   mgr_value *elements);
