/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Names for screen readers. */

#include "sy-config.h"

#include "sy-name.h"

void sy_name_button_in(GtkWidget *widget, const char *name)
{
  GtkWidget *button = gtk_widget_get_first_child(widget);

  gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}
