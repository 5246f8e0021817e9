"""May every module import what it imports, and does nothing happen before somebody asks for it?

The rules are those of the README of the project, "who may import whom".
"""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from survey.settings import ROOT

APP = ROOT / "app.py"
SURVEY = sorted((ROOT / "survey").rglob("*.py"))
MODULES = [*SURVEY, *sorted((ROOT / "analysis").rglob("*.py"))]
EVERYTHING = [APP, *MODULES]
DATABASE = {"sqlalchemy", "sqlmodel", "alembic", "sqlite3", "pysqlite3", "psycopg"}
OPENS_THE_DATABASE = ("survey/tables.py", "survey/store/", "survey/migrations/")
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
COMPILES_NO_PYTHON = ("re", "typst", "statement")  # patterns, pages and SQL
FORBIDDEN_ARGUMENTS = {"unsafe_allow_html", "unsafe_allow_javascript", "allow_pickle"}
HOLDS_HTML = {"style.py", "own_html.py"}
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal"}
CLOCKS_AND_FILES = {
    *("now", "utcnow", "today", "time", "monotonic", "perf_counter"),
    *("open", "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "glob", "iterdir"),
    *("create_engine", "make_engine", "open_store", "connect", "read_settings", "load_words", "getenv"),
    *("default_rng", "seed", "urandom", "uuid4", "token_hex"),
}


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def imports_of(file: Path) -> Iterator[str]:
    """Every module that a file imports, anywhere in it, by its full name."""
    package = file.relative_to(ROOT).parts[:-1]
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def imports(file: Path, *names: str) -> set[str]:
    """Which of these packages the file imports something from."""
    return {found for found in imports_of(file) if found.split(".")[0] in names}


def offenders(files: Iterable[Path], *names: str) -> dict[str, set[str]]:
    """Which files import something from these packages, and what."""
    return {name_of(file): found for file in files if (found := imports(file, *names))}


def is_screen(file: Path) -> bool:
    return file.parent.name == "screens"


def called(node: ast.AST) -> str | None:
    """The last name of what is called: ``now`` in ``datetime.now(UTC)``."""
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name
    return None


def dotted(module: Path) -> str:
    parts = module.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


# --- 1. one direction


def test_asking_and_keeping_knows_nothing_of_understanding() -> None:
    assert offenders(SURVEY, "analysis") == {}


def test_the_statistics_know_arrays_and_regulations_only() -> None:
    known = ("analysis.methods", "analysis.arrays", "analysis.regulation")
    found = {
        name_of(file): others
        for file in sorted((ROOT / "analysis" / "methods").glob("*.py"))
        if (
            others := {name for name in imports(file, "analysis", "survey") if not name.startswith(known)}
            - {"analysis"}
        )
    }
    assert found == {}


def test_nothing_imports_the_launcher_or_the_tests() -> None:
    assert offenders(MODULES, "app", "tests") == {}


# --- 2. Streamlit only on screens


def test_streamlit_is_imported_only_by_the_launcher_and_by_screens() -> None:
    others = [file for file in MODULES if not is_screen(file)]
    assert offenders(others, "streamlit") == {}
    assert not [name_of(file) for file in others for found in imports_of(file) if ".screens" in found]


def test_everything_but_the_screens_runs_where_streamlit_is_not_installed() -> None:
    names = [dotted(file) for file in MODULES if not is_screen(file) and "migrations" not in file.parts]
    assert run("sys.modules['streamlit'] = None", names)["imported"] == names


def test_each_screen_asks_for_the_permission_under_which_it_stands_in_the_navigation() -> None:
    """Else somebody would see the name of a screen that then refuses them."""
    listed = {}
    for node in ast.walk(tree_of(APP)):
        if called(node) == "StaffPage":
            assert isinstance(node, ast.Call)
            listed[ast.literal_eval(node.args[1])] = ast.unparse(node.args[3])
    asked = {}
    for module in listed:
        (show,) = (node for node in tree_of(file_of(module)).body if getattr(node, "name", "") == "show")
        (call,) = (node for node in ast.walk(show) if called(node) in ("open_screen", "require_principal"))
        assert isinstance(call, ast.Call)
        asked[module] = ast.unparse(call.args[-1])
    assert len(listed) >= 20
    assert asked == listed


def file_of(module: str) -> Path:
    return ROOT / f"{module.replace('.', '/')}.py"


# --- 3. the database only in the store


def test_the_database_is_known_only_to_the_tables_the_store_and_the_migrations() -> None:
    others = [file for file in EVERYTHING if not name_of(file).startswith(OPENS_THE_DATABASE)]
    assert offenders(others, *DATABASE) == {}


# --- 5. nothing happens on import


def at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Everything that runs when a module is imported: of functions only their defaults and decorators."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            defaults = [*child.args.defaults, *(default for default in child.args.kw_defaults if default)]
            decorators = [] if isinstance(child, ast.Lambda) else child.decorator_list
            for part in (*defaults, *decorators):
                yield part
                yield from at_import(part)
        elif not (isinstance(child, ast.If) and re.search("TYPE_CHECKING|__name__", ast.unparse(child.test))):
            yield child
            yield from at_import(child)


def test_no_clock_file_engine_setting_or_chance_is_asked_on_import() -> None:
    """Alembic imports ``env.py`` in order to run it, and ``__main__.py`` is run as well: the calls there are meant."""
    asked = [
        f"{name_of(file)}:{node.lineno} {called(node)}"  # type: ignore[attr-defined]
        for file in MODULES
        if file.name not in ("env.py", "__main__.py")
        for node in at_import(tree_of(file))
        if called(node) in CLOCKS_AND_FILES
    ]
    assert asked == []


def test_the_search_for_calls_on_import_finds_those_that_run_and_no_others() -> None:
    text = "NOW = datetime.now()\ndef later(at=time()):\n    return datetime.today()\nclass A:\n    x: str = open('f')"
    assert [called(node) for node in at_import(ast.parse(text)) if called(node)] == ["now", "time", "open"]


def test_on_import_no_file_is_opened_no_database_and_no_connection() -> None:
    """Seen from inside the interpreter: an audit hook hears every open, connect and thread while our modules load."""
    names = [dotted(file) for file in MODULES if "migrations" not in file.parts and file.stem != "__main__"]
    told = run("", names)
    assert told["imported"] == names
    assert told["heard"] == []


def run(before: str, names: list[str]) -> dict[str, list[str]]:
    """Import modules in a fresh process that first does ``before``; what was imported and what was heard meanwhile."""
    script = f"""
import importlib, json, sys
{before}
heard, listening = [], False
ours = {str(ROOT)!r}

def hear(event, arguments):
    if not listening:
        return
    if event == "open":
        path, mode = str(arguments[0]), str(arguments[1] or "")
        writes = any(letter in mode for letter in "wax+")
        code = path.endswith((".py", ".pyc")) or "__pycache__" in path
        if not code and (writes or path.startswith(ours)):
            heard.append(f"{{event}} {{path}} {{mode}}")
    elif event in ("sqlite3.connect", "socket.connect", "socket.bind", "subprocess.Popen", "_thread.start_new_thread"):
        heard.append(f"{{event}} {{arguments}}")

sys.addaudithook(hear)
imported = []
names = json.loads(sys.argv[1])
for turn in (False, True):  # other people's libraries may do what they like: they come first, unheard
    listening = turn
    if turn:
        for name in [name for name in sys.modules if name.split(".")[0] in ("survey", "analysis")]:
            del sys.modules[name]
    for name in names:
        importlib.import_module(name)
        if turn:
            imported.append(name)
listening = False
print(json.dumps({{"imported": imported, "heard": heard}}))
"""
    command = [sys.executable, "-B", "-c", script, json.dumps(names)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    found: dict[str, list[str]] = json.loads(ran.stdout.splitlines()[-1])
    return found


# --- nothing is run or shown that somebody else wrote


def test_nothing_is_evaluated_or_unpickled() -> None:
    assert offenders(EVERYTHING, *FORBIDDEN_MODULES) == {}
    found = [
        f"{name_of(file)}:{node.lineno} {called(node)}"  # type: ignore[attr-defined]
        for file in EVERYTHING
        for node in ast.walk(tree_of(file))
        if called(node) in FORBIDDEN_CALLS and not any(is_method_of(node, name) for name in COMPILES_NO_PYTHON)
    ]
    assert found == []


def is_method_of(node: ast.AST, module: str) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name))):
            return name == module
    return False


def test_no_screen_shows_raw_html() -> None:
    """Words of respondents are shown as text. Our style sheet, our links and our buttons are put into the page in one
    place each."""
    found = [
        f"{name_of(file)}:{node.lineno}"  # type: ignore[attr-defined]
        for file in EVERYTHING
        for node in ast.walk(tree_of(file))
        if (isinstance(node, ast.Attribute) and node.attr in ("html", "iframe") and file.name not in HOLDS_HTML)
        or (isinstance(node, ast.keyword) and node.arg in FORBIDDEN_ARGUMENTS)
    ]
    assert found == []


def test_no_script_of_the_form_writes_html_or_runs_text() -> None:
    """The one exception is a drawing made of our own constants."""
    forbidden = (
        r"innerHTML(?! = `<svg )|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setTimeout\(['\"`]"
    )
    scripts = sorted((ROOT / "survey" / "form").glob("*.js"))
    assert scripts
    assert {file.name: found for file in scripts if (found := re.findall(forbidden, file.read_text("utf-8")))} == {}


# --- smells


def test_one_module_alone_touches_the_session_of_a_visitor() -> None:
    touch = [
        name_of(file)
        for file in EVERYTHING
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Attribute) and node.attr == "session_state"
    ]
    assert set(touch) == {"survey/screens/session.py"}


def test_every_module_begins_with_the_question_it_answers() -> None:
    """A package, a command and a migration say what they are; every other module asks."""
    silent = [
        name_of(file)
        for file in MODULES
        if file.name not in ("__init__.py", "__main__.py", "env.py") and "versions" not in file.parts
        if "?" not in (ast.get_docstring(tree_of(file)) or "").split("\n\n")[0]
    ]
    assert silent == []
