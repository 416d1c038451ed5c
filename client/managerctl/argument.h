/*
 * argument - what on the command line is a value, a key or an object
 */
#pragma once

#include "client/managerctl/ctl.h"

/*
 * A value: JSON (json.h), or a str where the text is no JSON or --str was given; but
 * what begins with [, { or " and is no JSON is refused. As all of these: EXIT_DONE, or
 * another exit code, which has been told. The value is the caller's.
 */
int argument_value(const struct ctl *ctl, const char *text, mgr_value *value);

/* All values from the first-th argument on. To be freed in any case. */
int argument_values(const struct ctl *ctl, size_t first, mgr_value **values, size_t *n);
void argument_values_free(mgr_value *values, size_t n);

/* One value as a key: lists in it become tuples, because no list can be a key. */
int argument_key(const struct ctl *ctl, const char *text, mgr_value *key);

/* A name, with name: in front or not, as a borrowed value. */
int argument_name(const char *text, mgr_value *what);

/* A name or an ident, as a borrowed value for find() or describe(). */
int argument_object(const char *text, mgr_value *what);

/* A proxy of the object; to be freed. */
int argument_proxy(const struct ctl *ctl, const char *text, mgr_proxy **proxy);

/* As ctl_fail(), where `text` named an object. */
int argument_fail(const struct ctl *ctl, const char *text, int r);
