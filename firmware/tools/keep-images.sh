#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Keeps images as those of -Dfirmware=prebuilt, and which compiler made them.
# usage: keep-images.sh COMPILER FOLDER IMAGE...
set -eu
compiler=$1
folder=$2
shift 2
rm -f "$folder"/*.bin
install -m 644 "$@" "$folder"
"$compiler" --version | head -n 1 >"$folder/compiler"
