"""Every page template renders with the rows the records give, on the site it belongs to, in all its states."""

from typing import Any

import page_samples
import pytest
from jinja2 import UndefinedError
from samples import NOW, VIEWER

from kernel.web.templating import Renderer

pytest_plugins = ("looking",)

LEAVINGS = ("{{", "{%", "None<", "Undefined", "datetime.datetime(")


def rendered(renderer: Renderer, template: str, context: dict[str, Any]) -> str:
    page = renderer.render(template, now=NOW, viewer=VIEWER, csrf="token", **context)
    for leaving in LEAVINGS:
        assert leaving not in page, f"{template} shows {leaving}"
    assert page.count("<h1") == 1
    assert "<script>" not in page
    assert "style=" not in page
    return page


@pytest.mark.parametrize("template", sorted(page_samples.TRADING_PAGES))
def test_a_trading_page_renders(trading: Renderer, template: str) -> None:
    page = rendered(trading, template, page_samples.TRADING_PAGES[template])
    assert "交易平台" in page


@pytest.mark.parametrize("template", sorted(page_samples.SUPERVISION_PAGES))
def test_a_supervision_page_renders(supervision: Renderer, template: str) -> None:
    page = rendered(supervision, template, page_samples.SUPERVISION_PAGES[template])
    assert "行政监督平台" in page


@pytest.mark.parametrize("number", range(len(page_samples.VARIANTS)))
def test_a_page_renders_in_its_other_states(trading: Renderer, number: int) -> None:
    template, context = page_samples.VARIANTS[number]
    page = rendered(trading, template, context)
    usual = {**page_samples.TRADING_PAGES, **page_samples.SUPERVISION_PAGES}.get(template)
    assert usual is None or page != rendered(trading, template, usual), "the other state looks like the usual one"


def test_every_template_of_every_folder_compiles(trading: Renderer) -> None:
    names = [n for n in trading.environment.list_templates() if n.endswith(".html")]
    assert len(names) > 40
    for name in names:
        trading.environment.get_template(name)


def test_a_page_without_its_context_fails_instead_of_showing_a_blank(trading: Renderer) -> None:
    with pytest.raises(UndefinedError):
        trading.render("app/notice.html", now=NOW)


def test_what_a_user_typed_is_escaped(trading: Renderer) -> None:
    context = {**page_samples.TRADING_PAGES["app/search.html"]}
    context["filters"] = {**context["filters"], "q": '"><script>alert(1)</script>'}
    page = trading.render("app/search.html", now=NOW, **context)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_before_the_deadline_the_hall_names_no_bidder(trading: Renderer) -> None:
    page = trading.render("app/hall.html", now=NOW, **page_samples.HALL)
    assert "华岭路桥" not in page
    assert "名称和家数对所有人保密" in page


def test_a_live_fragment_is_the_same_text_as_in_the_page(trading: Renderer) -> None:
    context = page_samples.TRADING_PAGES["app/hall.html"]
    page = trading.render("app/hall.html", now=NOW, **context)
    fragment = trading.render("app/hall_prices.html", now=NOW, **context)
    assert fragment.strip() in page
