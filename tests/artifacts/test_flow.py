"""Generalised workflows as text: values, loops, choices, conversation, and names that would break out."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.artifacts.workflow import candidate_workflow_text
from core.model.candidate import Candidate, Parameter, Step
from core.model.generalised import Between, Binding, Induction, Repeats, StepDetail
from core.model.text import visible
from core.model.trace import SideEffect
from tests.artifacts.making import HOSTILE


def step(index: int, name: str, *bindings: Binding, **detail: Any) -> Step:
    return Step(index=index, kind="tool_call", name=name, detail=StepDetail(bindings=bindings).replace(**detail))


def made(*steps: Step, inputs: tuple[tuple[int, str, str], ...] = ()) -> list[str]:
    parameters = tuple(
        Parameter(name=name, source_paths=(f"steps[{number - 1}].parameters.{argument}",), required=True)
        for number, argument, name in inputs
    )
    candidate = Candidate(id="c1", name="flow", steps=steps, parameters=parameters, induction=Induction())
    lines = candidate_workflow_text(candidate).splitlines()
    return [line for line in lines[7:-2] if "//" not in line and "log(" not in line]


def output(name: str, number: int, place: str = "out", **more: Any) -> Binding:
    return Binding(name=name, kind="output", step=number, place=place).replace(**more)


def constant(name: str, *values: Any) -> Binding:
    return Binding(name=name, kind="constant", values={name: values[0] if len(values) == 1 else list(values)})


def test_values_come_from_inputs_steps_and_constants() -> None:
    text = made(
        step(1, "find", Binding(name="Zip Code"), constant("limit", 3)),
        step(2, "get", output("user_id", 1)),
        step(
            3, "list", output("order_id", 2, "out/orders/*"), Binding(name="u", kind="parameter", step=2, place="in/x")
        ),
        inputs=((1, "Zip Code", "zip_code"),),
    )
    assert text == [
        "pipeline flow(zip_code) {",
        "  let review_warnings = []",
        "  let limit = 3",
        '  let step_1 = call("find", {"Zip Code": zip_code, "limit": limit})',
        "  let user_id = step_1.output",
        '  let step_2 = call("get", {"user_id": user_id})',
        '  let order_id = step_2.output.at("/orders/*")',
        '  let u = step_2.input.at("/x")',
        '  let step_3 = call("list", {"order_id": order_id, "u": u})',
    ]


def test_loops_choices_and_conversation() -> None:
    talk = Between(kind="talk", name="respond", share=0.4, most=2)
    chosen = output("item", 1, "out/items/*", choice=True)
    text = made(step(1, "a"), step(2, "b", chosen, repeats=Repeats(least=1, most=4, share=0.3), before=(talk,)))
    assert text[3:] == [
        "  optional {",
        '    review_warnings.push("conversation before step 2: b")',
        "  }",
        "  repeat {",
        '    let item = choose("item", step_1.output.at("/items/*"))',
        '    let step_2 = call("b", {"item": item})',
        "  }",
    ]


def test_objects_and_lists_are_written_as_the_runs_have_them() -> None:
    lines = (output("lines[].id", 1, "out/ids/*", choice=True), constant("lines[].n", 1))
    order = (constant("order.tags[]", "x"), output("order.to.zip", 1, "out/zip"))
    taken = [output(name, 2, f"in/{name}") for name in ("order.tags[]", "order.to.zip", "a~1b\\.c")]
    text = made(step(1, "a"), step(2, "b", *lines, *order), step(3, "c", constant("a\\.b", 1), *taken))
    inner = '{"tags": order_tags, "to": {"zip": order_to_zip}}'
    handed = '{"tags": order_tags_3, "to": {"zip": order_to_zip_3}}'
    assert text[3:] == [
        '  let lines_id = choose("lines[].id", step_1.output.at("/ids/*"))',
        "  let lines_n = 1",
        '  let order_tags = ["x"]',
        '  let order_to_zip = step_1.output.at("/zip")',
        f'  let step_2 = call("b", {{"lines": zip({{"id": lines_id, "n": lines_n}}), "order": {inner}}})',
        "  let a_b = 1",
        '  let order_tags_3 = [step_2.input.at("/order/tags/*")]',
        '  let order_to_zip_3 = step_2.input.at("/order/to/zip")',
        '  let a_1b_c = step_2.input.at("/a~1b.c")',
        f'  let step_3 = call("c", {{"a.b": a_b, "order": {handed}, "a~1b.c": a_1b_c}})',
    ]


def test_what_runs_have_in_several_forms_is_a_choice() -> None:
    text = made(step(1, "a", constant("to", "x"), constant("to[]", "x"), constant("to.zip", 9)))
    assert text[-1] == '  let step_1 = call("a", {"to": choose("to", [to, to_1, {"zip": to_zip}])})'


def test_rare_repetition_and_rare_talk_are_no_part_of_it() -> None:
    talk = Between(kind="talk", name="respond", share=0.02, most=1)
    text = made(step(1, "a"), step(2, "b", repeats=Repeats(least=1, most=2, share=0.05), before=(talk,)))
    assert text[2:] == ['  let step_1 = call("a", {})', '  let step_2 = call("b", {})']


def test_what_changes_something_is_a_loop_only_where_most_runs_repeat_it() -> None:
    for share, loops in ((0.4, False), (0.6, True)):
        repeats = Repeats(least=1, most=2, share=share)
        text = made(step(1, "a"), step(2, "b", repeats=repeats, effect_names=(("id",),)))
        assert ("  repeat {" in text) is loops


def test_a_value_that_is_there_already_is_used_and_another_one_has_another_name() -> None:
    text = made(
        step(1, "a"),
        step(2, "b", output("id", 1, "out/id")),
        step(3, "c", output("id", 1, "out/id")),
        step(4, "d", output("id", 2, "out/id")),
    )
    assert [line for line in text if "let id" in line] == [
        '  let id = step_1.output.at("/id")',
        '  let id_4 = step_2.output.at("/id")',
    ]
    assert '  let step_3 = call("c", {"id": id})' in text


def test_each_choice_is_its_own_and_what_a_loop_sets_is_not_used_behind_it() -> None:
    chosen = output("item", 1, "out/items/*", choice=True)
    often = Repeats(least=1, most=4, share=0.3)
    looked = step(4, "d", output("id", 1, "out/id"), repeats=often)
    text = made(
        step(1, "a"), step(2, "b", chosen), step(3, "c", chosen), looked, step(5, "e", output("id", 1, "out/id"))
    )
    assert [line.strip() for line in text if "let item" in line or "let id" in line] == [
        'let item = choose("item", step_1.output.at("/items/*"))',
        'let item_3 = choose("item", step_1.output.at("/items/*"))',
        'let id = step_1.output.at("/id")',
        'let id_5 = step_1.output.at("/id")',
    ]


def test_names_that_mean_something_are_not_taken() -> None:
    text = made(step(1, "a", constant("review_warnings", 1), constant("step_2", 2), constant("1st", [True, None])))
    assert text[2:5] == [
        "  let review_warnings_1 = 1",
        "  let step_2_1 = 2",
        '  let value_1st = choose("1st", [true, null])',
    ]


NAMES = st.one_of(HOSTILE, st.text(max_size=20), st.sampled_from(['"', "*/", "\n}", "step_1", "}\n//", "é‮"]))
LINE = re.compile(
    r"""\s*(//.*|\}|optional\ \{|repeat\ \{|log\(S\)|review_warnings\.push\(S\)
    |let\ \w+\ =\ (\[\]|\[?(S|-?[\d.e+-]+|true|false|null)(,\ (S|null|true|false|[\d.]+))*\]?|V
    |choose\(S,\ (V|\[(S|-?[\d.e+-]+|null|true|false)(,\ (S|-?[\d.e+-]+|null|true|false))*\])\)
    |call\(S,\ \{[\w\ :,{}()\[\]]*\}\)|\[V\]))""",
    re.VERBOSE,
)


def bare(line: str) -> str:
    """A line with its strings and values of steps replaced by S and V."""
    line = re.sub(r'"(\\.|[^"\\])*"', "S", line)
    return re.sub(r"step_\d+\.(output|input)(\.at\(S\))?", "V", line)


@given(NAMES, NAMES, NAMES, NAMES, st.one_of(NAMES, st.integers(0, 9), st.booleans(), st.none()))
def test_no_name_breaks_out_of_its_line(one: str, two: str, place: str, target: str, value: Any) -> None:
    effect = SideEffect(kind=two, target=target)
    text = candidate_workflow_text(
        Candidate(
            id=one,
            name="flow",
            induction=Induction(),
            parameters=(Parameter(name="p", source_paths=(f"steps[0].parameters.{one}",)),),
            steps=(
                step(1, one, Binding(name=one), constant(two, value, value)),
                step(2, two, output(one, 1, f"out/{place}", choice=True), constant(two, value)).replace(
                    side_effects=(effect,), segment="fuzzy"
                ),
            ),
        )
    )
    lines = text.split("\n")
    assert lines[7].startswith("pipeline flow(p")
    assert lines[-3:] == [lines[-3], "}", ""]
    for line in lines[8:-3]:
        assert visible(line) == line
        assert len(line.splitlines()) == 1
        assert LINE.fullmatch(line if line.lstrip().startswith("//") else bare(line)), line
