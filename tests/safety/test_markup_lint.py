"""No dynamic string stands where Textual reads markup: literals do, `Content`, `Text`, or `markup=False`.

The rule is read off the source. `notify` needs none: `SafeApp` never reads markup in what it is told.
"""

import ast
from pathlib import Path

import pytest

import ostream_compare.tui

TUI = Path(ostream_compare.tui.__file__).parent
_VISUALS = {"Content", "Text", "Segments", "Strip"}
"""What is no markup, whatever stands in it."""
_WITH_SWITCH = {"Static", "Label", "OptionList"}
"""Take `markup=False`."""
_WITHOUT = {
    "Button",
    "Option",
    "Select",
    "SelectionList",
    "Collapsible",
    "Tree",
    "Tab",
    "TabPane",
}
_CELLS = {
    "add_row",
    "add_rows",
    "add_column",
    "add_columns",
    "add_option",
    "add_options",
    "update_cell",
    "update_cell_at",
}
_TITLES = {"border_title", "border_subtitle", "tooltip"}


class Lint(ast.NodeVisitor):
    """Gathers the places of one module."""

    def __init__(self, tree, switched_off):
        self.found = []
        self._switched_off = switched_off
        self._returns = {
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and node.returns and _is_visual_type(node.returns)
        }
        self._names = [set()]

    def visit_FunctionDef(self, node):
        names = {
            each.arg for each in (*node.args.args, *node.args.kwonlyargs) if _is_visual_type(each.annotation)
        }
        self._names.append(names)
        for each in ast.walk(node):
            if isinstance(each, ast.Assign) and all(isinstance(target, ast.Name) for target in each.targets):
                safe = self._safe(each.value) or _is_number(each.value) or self._is_switched_off(each.value)
                names |= {target.id for target in each.targets} if safe else set()
        self.generic_visit(node)
        self._names.pop()

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - the name is Python's

    def visit_Assign(self, node):
        for target in node.targets:
            if isinstance(target, ast.Attribute) and target.attr in _TITLES and not self._safe(node.value):
                self._note(node)
        self.generic_visit(node)

    def visit_Call(self, node):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        keywords = {each.arg: each.value for each in node.keywords}
        given = [
            *node.args,
            *(keywords[key] for key in ("label", "prompt", "title", "content") if key in keywords),
        ]
        if name in _WITH_SWITCH:
            if not _is_off(keywords.get("markup")) and not (given and all(map(self._safe, given))):
                self._note(node)
        elif name in _WITHOUT and isinstance(node.func, ast.Name):
            if not all(map(self._safe, given)):
                self._note(node)
        elif name in _CELLS:
            values = node.args[-1:] if name.startswith("update") else given
            if not all(map(self._safe, values)):
                self._note(node)
        elif name == "update" and set(keywords) <= {"layout"} and not all(map(self._safe, given)):
            if not self._is_switched_off(node.func.value):
                self._note(node)
        elif name == "from_markup":
            self._note(node)
        self.generic_visit(node)

    def _note(self, node):
        self.found.append(f"{node.lineno}: {ast.unparse(node)[:100]}")

    def _is_switched_off(self, widget):
        """Whether the widget that is updated was made with `markup=False`, or is no widget."""
        source = ast.unparse(widget)
        is_name = isinstance(widget, ast.Name) and any(widget.id in names for names in self._names)
        return is_name or any(f"'{name}'" in source for name in self._switched_off)

    def _safe(self, node):  # noqa: PLR0911 - a table of shapes
        match node:
            case ast.Constant() | ast.Dict() | ast.ListComp() | ast.SetComp() | ast.DictComp():
                return True
            case ast.JoinedStr():
                return all(
                    not isinstance(part, ast.FormattedValue)
                    or _is_number(part.value)
                    or self._is_safe_name(part.value)
                    for part in node.values
                )
            case ast.Attribute(attr="markup"):
                return self._safe(node.value)
            case ast.Name():
                return self._is_safe_name(node) or node.id.isupper()
            case ast.IfExp():
                return self._safe(node.body) and self._safe(node.orelse)
            case ast.BoolOp():
                return all(map(self._safe, node.values))
            case ast.BinOp(op=ast.Add()):
                return self._safe(node.left) and self._safe(node.right)
            case ast.Starred() | ast.Await():
                return self._safe(node.value)
            case ast.GeneratorExp():
                return self._safe(node.elt)
            case ast.Call():
                return self._is_visual(node)
            case _:
                return False

    def _is_safe_name(self, node):
        return isinstance(node, ast.Name) and any(node.id in names for names in self._names)

    def _is_visual(self, node):
        function = node.func
        if isinstance(function, ast.Name):
            return function.id in _VISUALS | self._returns | {"dict"} or (
                function.id == "Option" and all(map(self._safe, node.args[:1]))
            )
        if isinstance(function, ast.Attribute):
            owner = function.value
            called = function.attr
            return (
                (
                    isinstance(owner, ast.Name)
                    and (owner.id in _VISUALS | {"dict"})
                    and called != "from_markup"
                )
                or (called in self._returns)
                or (isinstance(owner, ast.Call) and self._is_visual(owner))
            )
        return False


def _is_visual_type(annotation):
    return annotation is not None and any(
        isinstance(each, ast.Name) and each.id in _VISUALS for each in ast.walk(annotation)
    )


def _is_off(value):
    return isinstance(value, ast.Constant) and value.value is False


def _is_number(node):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len"


def switched_off(tree):
    """Selectors of the widgets that are made with `markup=False`."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _WITH_SWITCH:
            keywords = {each.arg: each.value for each in node.keywords}
            if _is_off(keywords.get("markup")):
                for key, mark in (("id", "#"), ("classes", ".")):
                    if isinstance(keywords.get(key), ast.Constant):
                        names.add(f"{mark}{keywords[key].value}")
    return names


def places(source):
    tree = ast.parse(source)
    lint = Lint(tree, switched_off(tree))
    lint.visit(tree)
    return lint.found


@pytest.mark.parametrize("path", sorted(TUI.rglob("*.py")), ids=lambda path: str(path.relative_to(TUI)))
def test_no_dynamic_string_stands_where_markup_is_read(path):
    assert places(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "Static(name)",
        "Static(f'{name} x')",
        "Static(name, markup=True)",
        "Label(self.name)",
        "Button(name)",
        "Button(label=name)",
        "Option(name)",
        "OptionList(*names)",
        "OptionList(Option(name))",
        "Select([(n, n) for n in names], prompt=name)",
        "Collapsible(title=name)",
        "Tree(name)",
        "table.add_row(name)",
        "table.add_row(*(n for n in names))",
        "table.add_column(name)",
        "table.update_cell(1, 2, name)",
        "options.add_option(name)",
        "widget.border_title = name",
        "widget.border_subtitle = f'{name}'",
        "widget.tooltip = name or 'none'",
        "self.query_one('#x', Static).update(name)",
        "self.update('a ' + name)",
        "Content.from_markup(name)",
        "Static(Content.from_markup(name))",
        "def f(name: str):\n    shown = name\n    Static(shown)",
    ],
)
def test_the_lint_sees(line):
    assert places(line)


@pytest.mark.parametrize(
    "line",
    [
        "Static('plain')",
        "Static(name, markup=False)",
        "Static(Content(name))",
        "Static(Content.assemble(name, 'x'))",
        "Static(Content('\\n').join(names))",
        "def f(name: Content):\n    Static(name)",
        "def f(name):\n    shown = Text(name)\n    Static(shown)",
        "def f(name) -> Content: ...\nOption(f(name))",
        "table.add_row(*(Text(n) for n in names))",
        "widget.border_title = f'{len(names)} links'",
        "widget.border_title = Content(name).markup",
        "Static('', id='x', markup=False)\nself.query_one('#x', Static).update(name)",
    ],
)
def test_the_lint_lets_pass(line):
    assert places(line) == []


def test_every_application_is_a_safe_one():
    classes = [node for path in TUI.rglob("*.py") for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    apps = [
        node.name
        for node in classes
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base).startswith(("App", "OrderlyApp")) for base in node.bases)
    ]
    assert sorted(apps) == ["OrderlyApp", "SafeApp"], "the first is the other's base, and nothing else's"
