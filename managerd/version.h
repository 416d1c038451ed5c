/*
 * version - what --version and hello() tell
 */
#pragma once

#define MANAGERD_VERSION "0.1.0"
