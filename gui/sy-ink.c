/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Colours of bytes. */

#include "sy-config.h"

#include "sy-ink.h"

const SyInk sy_part_inks[SY_PART_COUNT] = {
    [SY_PART_JUMP] = {"#77767b", "#9a9996"},    [SY_PART_LOADER] = {"#77767b", "#9a9996"},
    [SY_PART_LOW] = {"#1c71d8", "#62a0ea"},     [SY_PART_HIGH] = {"#813d9c", "#c061cb"},
    [SY_PART_RECORDS] = {"#986a44", "#cdab8f"}, [SY_PART_BOOT] = {"#3d3846", "#deddda"},
    [SY_PART_OUTSIDE] = {"#0b7a75", "#5bd1c9"},
};

const SyInk sy_diff_inks[SY_DIFF_COUNT] = {
    [SY_DIFF_CHANGED] = {"#c64600", "#ffa348"},
    [SY_DIFF_ONLY_A] = {"#a51d2d", "#f66151"},
    [SY_DIFF_ONLY_B] = {"#1f8a5a", "#33d17a"},
};

const SyInk sy_channel_inks[WIRE_CHANNELS] = {
    {"#c01c28", "#ff7b63"},
    {"#1c71d8", "#78aeed"},
    {"#813d9c", "#dc8add"},
    {"#1b7f4e", "#57e389"},
};

const SyInk sy_match_ink = {"#9c6e03", "#f8e45c"};
