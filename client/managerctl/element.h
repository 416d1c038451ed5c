/*
 * element - an object's elements, by the methods that its type has for them
 *
 * Of most types object[key]; of a Namespace its attributes.
 */
#pragma once

#include <manager.h>

/* As mgr_proxy_call(). */
int element_get(const mgr_proxy *proxy, const mgr_value *key, mgr_value *value);
int element_set(const mgr_proxy *proxy, const mgr_value pair[2]);
int element_delete(const mgr_proxy *proxy, const mgr_value *key);
