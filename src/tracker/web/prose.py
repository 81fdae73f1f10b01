"""A page written in Markdown, as HTML: the few forms that our own documents use. Everything is escaped first."""

import re
from collections.abc import Iterator
from html import escape

_CODE, _BOLD, _SOFT = re.compile(r"`([^`]+)`"), re.compile(r"\*\*(.+?)\*\*"), re.compile(r"(?<!\*)\*([^*]+)\*(?!\*)")
_LINK = re.compile(r"\[([^\]]+)\]\((https?://[^)\s]+|/[^)\s]*)\)")
_ITEM = re.compile(r"\s*(?:[-*]|\d+\.)\s+")


def html(markdown: str) -> str:
    """Blocks parted by empty lines: headings, lists, tables, code and paragraphs."""
    return "\n".join(_block(block) for block in _blocks(markdown))


def _blocks(text: str) -> Iterator[list[str]]:
    block: list[str] = []
    fenced = False
    for line in text.splitlines():
        fence = line.startswith("```")
        starts = not fenced and (fence or line.startswith("#"))
        if block and ((not fenced and not line.strip()) or starts):
            yield block
            block = []
        if line.strip() or fenced:
            block.append(line)
        if (fence and fenced) or (not fenced and line.startswith("#")):
            yield block
            block = []
        fenced = fenced != fence
    if block:
        yield block


def _block(lines: list[str]) -> str:
    first = lines[0]
    if first.startswith("```"):
        return f"<pre><code>{escape(chr(10).join(lines[1:-1]))}</code></pre>"
    if heading := re.match(r"(#{1,5})\s+(.*)", first):
        level = len(heading[1])
        return f"<h{level}>{_inline(heading[2])}</h{level}>"
    if first.startswith("|"):
        return _table(lines)
    if _ITEM.match(first):
        kind = "ol" if first.lstrip()[0].isdigit() else "ul"
        return f"<{kind}>{''.join(f'<li>{_inline(item)}</li>' for item in _items(lines))}</{kind}>"
    return f"<p>{_inline(' '.join(lines))}</p>"


def _items(lines: list[str]) -> list[str]:
    items: list[str] = []
    for line in lines:
        if _ITEM.match(line):
            items.append(_ITEM.sub("", line, count=1))
        else:
            items[-1] += " " + line.strip()
    return items


def _table(lines: list[str]) -> str:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    head = "".join(f'<th scope="col">{_inline(cell)}</th>' for cell in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{_inline(cell)}</td>' for cell in row)}</tr>" for row in rows[2:])
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _inline(text: str) -> str:
    text = escape(text)
    text = _CODE.sub(r"<code>\1</code>", text)
    text = _BOLD.sub(r"<strong>\1</strong>", text)
    text = _SOFT.sub(r"<em>\1</em>", text)
    return _LINK.sub(r'<a href="\2">\1</a>', text)
