/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Fault drills: programs that fail on purpose, so that the way back can be seen and tested. Which
 * one is a matter of the build; the programs that are shipped have DRILL_NONE. */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#define DRILL_NONE      0
#define DRILL_HANG      1 /* stops before it does anything */
#define DRILL_CRASH     2 /* undefined instruction, half a second after its start */
#define DRILL_ABORT     3 /* reads where nothing is */
#define DRILL_SELF_TEST 4 /* its self-test fails */
#define DRILL_MUTE      5 /* works, but sends nothing and hears nothing */
#define DRILL_USER      6 /* enters the loader from user mode, through the vectors of flash */
#define DRILL_USER_RAM  7 /* the same, through its own */

#ifndef DRILL
#define DRILL DRILL_NONE
#endif

/* First thing in the program. */
void drill_start(void);

/* Each turn of the main loop. */
void drill_turn(uint32_t now_ms);

/* What the self-test finds on top of what is true. */
uint8_t drill_self_test(void);

/* True when the program neither sends nor hears. */
bool drill_is_mute(void);

/* Leaves for the loader in the drill's own way; returns when it has none. */
void drill_enter_loader(uint32_t word);
