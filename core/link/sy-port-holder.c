/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who has a terminal device open. */

#include "sy-port-holder.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Numbers that the kernel's list of devices has for ever. */
enum { PTMX_MAJOR = 5, PTMX_MINOR = 2, PTS_MAJOR = 136 };

static void port_holder_free(gpointer data)
{
  SyPortHolder *holder = data;

  g_free(holder->name);
  g_free(holder);
}

void sy_port_holders_free(SyPortHolders *holders)
{
  g_ptr_array_unref(holders->found);
  g_free(holders);
}

/* The kernel's short name is cut at 15 letters; the program's own path is not, but only its user
 * may read that. */
static char *dup_name(const char *process)
{
  g_autofree char *exe_link = g_build_filename(process, "exe", NULL);
  g_autofree char *comm_path = g_build_filename(process, "comm", NULL);
  g_autofree char *exe = NULL;
  g_autofree char *base = NULL;
  char *comm = NULL;

  if (!g_file_get_contents(comm_path, &comm, NULL, NULL))
    return NULL;
  g_strchomp(comm);
  exe = g_file_read_link(exe_link, NULL);
  base = exe ? g_path_get_basename(exe) : NULL;
  if (!base || !g_str_has_prefix(base, comm))
    return comm; /* a script has a name of its own, not its interpreter's */
  g_free(comm);
  return g_steal_pointer(&base);
}

/* Whether an open pty master belongs to the slave `device`. */
static gboolean is_far_end(const char *process, const char *fd, dev_t device)
{
  g_autofree char *path = g_build_filename(process, "fdinfo", fd, NULL);
  g_autofree char *text = NULL;
  const char *found;

  if (major(device) != PTS_MAJOR || !g_file_get_contents(path, &text, NULL, NULL))
    return FALSE;
  found = strstr(text, "tty-index:");
  return found && g_ascii_strtoull(found + strlen("tty-index:"), NULL, 10) == minor(device);
}

typedef enum { HOLDS_NOT, HOLDS, HOLDS_HIDDEN } Holds;

static Holds look_into(const char *process, dev_t device)
{
  g_autofree char *folder = g_build_filename(process, "fd", NULL);
  g_autoptr(GDir) fds = g_dir_open(folder, 0, NULL);
  Holds holds = HOLDS_NOT;
  const char *fd;

  if (!fds)
    return g_file_test(process, G_FILE_TEST_IS_DIR) ? HOLDS_HIDDEN : HOLDS_NOT;
  while ((fd = g_dir_read_name(fds))) {
    g_autofree char *path = g_build_filename(folder, fd, NULL);
    struct stat status;

    if (stat(path, &status) < 0 || !S_ISCHR(status.st_mode))
      continue;
    if (status.st_rdev == device)
      holds = HOLDS;
    if (status.st_rdev == makedev(PTMX_MAJOR, PTMX_MINOR) && is_far_end(process, fd, device))
      return HOLDS_NOT;
  }
  return holds;
}

static void look_at(SyPortHolders *holders, const char *process, guint pid, dev_t device)
{
  g_autofree char *name = dup_name(process);
  Holds holds = name ? look_into(process, device) : HOLDS_NOT;
  SyPortHolder *holder;

  if (g_strcmp0(name, "ModemManager") == 0)
    holders->modem_manager = TRUE;
  if (holds == HOLDS_HIDDEN)
    holders->hidden = TRUE;
  if (holds != HOLDS)
    return;
  if (pid == (guint)getpid()) {
    holders->here = TRUE;
    return;
  }
  holder = g_new0(SyPortHolder, 1);
  holder->pid = pid;
  holder->name = g_steal_pointer(&name);
  g_ptr_array_add(holders->found, holder);
}

static gint compare_holders(gconstpointer a, gconstpointer b)
{
  const SyPortHolder *const *left = a;
  const SyPortHolder *const *right = b;

  return (*left)->pid < (*right)->pid ? -1 : 1;
}

SyPortHolders *sy_port_holders_find(const char *device, const char *proc)
{
  SyPortHolders *holders = g_new0(SyPortHolders, 1);
  g_autoptr(GDir) processes = g_dir_open(proc, 0, NULL);
  struct stat status = {.st_rdev = 0};
  const char *entry;

  holders->found = g_ptr_array_new_with_free_func(port_holder_free);
  if (!processes || stat(device, &status) < 0 || !S_ISCHR(status.st_mode))
    return holders;
  while ((entry = g_dir_read_name(processes))) {
    guint64 pid;

    if (g_ascii_string_to_unsigned(entry, 10, 1, G_MAXINT, &pid, NULL)) {
      g_autofree char *process = g_build_filename(proc, entry, NULL);

      look_at(holders, process, (guint)pid, status.st_rdev);
    }
  }
  g_ptr_array_sort(holders->found, compare_holders);
  return holders;
}

gboolean sy_port_holder_is_modem_manager(const SyPortHolder *holder)
{
  return g_str_equal(holder->name, "ModemManager");
}

gboolean sy_port_holder_is_switchyard(const SyPortHolder *holder)
{
  return g_str_has_prefix(holder->name, "switchyard");
}
