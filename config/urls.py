from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from health_check.views import HealthCheckView

admin.site.index_title = _("What needs doing")
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("stakeholders.urls")),
    path("accounts/", include("stakeholders.account_urls")),
    path(
        "health/",
        login_not_required(
            HealthCheckView.as_view(checks=["health_check.Database", "health_check.Cache", "health_check.Storage"])
        ),
        name="health",
    ),
    path("", include("consultations.urls")),
    path("", include("outcomes.urls")),
    path("", include("reports.urls")),
]
