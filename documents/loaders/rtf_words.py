"""What the control words of Rich Text stand for."""

UNREAD = frozenset(
    "atnid atnauthor annotation author bkmkend bkmkstart category colortbl comment company creatim datafield do "
    "doccomm fldinst footer footerf footerl footerr ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn generator header "
    "headerf headerl headerr hlinkbase keywords listtable listoverridetable manager nonesttables nonshppict objdata "
    "operator pict printim private revtbl revtim rsidtbl rxe shprslt sn sp subject sv tc template themedata txe "
    "upr xe xmlnstbl".split()
)
READ_THOUGH_MARKED = frozenset(["shpinst", "shptxt"])
CHARACTERS = {
    "tab": "\t", "line": "\n", "lbr": "\n", "emdash": "—", "endash": "–", "emspace": " ", "enspace": " ",
    "qmspace": " ", "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "nestcell": " ",
    "nestrow": "\n",
}  # fmt: skip
SIGNS = {b"\\": "\\", b"{": "{", b"}": "}", b"~": "\xa0", b"_": "-"}
CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "cp950", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
DEFAULTS = {"ansi": "cp1252", "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
DESTINATIONS = {
    "info": "info", "title": "title", "fonttbl": "fonts", "stylesheet": "stylesheet", "pntext": "marker",
    "listtext": "marker", "footnote": "note", "shptxt": "box",
}  # fmt: skip
PARAGRAPH_ENDS = frozenset(["par", "sect", "page", "column"])
