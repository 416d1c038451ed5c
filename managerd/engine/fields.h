/*
 * fields - the dicts that listings consist of, field by field
 */
#pragma once

#include "proto/pack.h"

static inline void field_count(struct buffer *out, const char *name, uint64_t value)
{
        pack_cstr(out, name);
        pack_uint(out, value);
}

static inline void field_flag(struct buffer *out, const char *name, bool value)
{
        pack_cstr(out, name);
        pack_bool(out, value);
}

/* A text, or None where it is absent. */
static inline void field_text(struct buffer *out, const char *name, struct span text)
{
        pack_cstr(out, name);
        if (span_is_absent(text))
                pack_nil(out);
        else
                pack_str(out, text);
}

static inline void field_seconds(struct buffer *out, const char *name, uint64_t nanoseconds)
{
        pack_cstr(out, name);
        pack_float(out, (double)nanoseconds / 1e9);
}
