"""The words by which instructions to a model are told, in some twenty languages, by what they mean.

Words are written as ``fold`` leaves them: small, without accents. ``*`` stands for any ending. Scripts that do not part
words, or bend them at both ends, are looked for as pieces of text.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from documents.screening.decoding import rot13, unleet

WORDS: Mapping[str, str] = {
    "override": """
        throw|away set|aside get|rid never|mind tiens|pas tenez|pas caso|omiso uyma uymayin nie|przestrzegaj
        not|heed ignor* disregard* forget forgetting overlook overlooking overrid* bypass* abandon neglect
        discard skip drop void missachte* vergiss vergesst vergessen ubergeh* verwirf oublie oubliez oublier
        neglige* meprise* olvida olvide olviden olvidate omite omita desestim* dimentica* trascura* esqueca*
        esquece* desconsider* negeer* negeren vergeet glom bortse ignorer* glem zignoruj* zapomnij* pomin
        pominac zapomen* nevsimej* pomij* игнор* проигнор* забудь* забыть пренебре* ігнор* забудьте знехтуй*
        unut unutun yok|say gormezden dikkate abaikan* lupakan* bo|qua quen uita uitati hagyd ohita unohda
        αγνο* ξεχα* zaboravi* 忽略 无视 無視 忘记 忘記 忽视 忘れ 무시 잊어 تجاهل انس نادیده अनदेखा
        नज़रअंदाज़ भूल ละเว้น เพิกเฉย ลืม התעלם שכח
    """,
    "order": """
        instruction instructions instructed instruct directions directive directives prompt prompts rule
        rules guideline guidelines guidance constraint constraints restriction restrictions guardrail*
        policies programming anweisung* instruktion* regeln vorgabe vorgaben befehl* vorschriften consigne*
        regles instrucc* reglas ordenes indicaciones istruzion* regole direttive instruc* regras ordens
        diretrizes instructies opdracht* regels aanwijzing* instrukcj* polecen* zasad* reguly pokyn*
        pravidl* instrukc* инструкц* указани* правил* команд* інструкц* вказівк* talimat* kural* komut*
        yonerge* instruksi* perintah* aturan huong|dan chi|thi regler instruktioner οδηγι* κανον* utasitas*
        szabaly* ohje* instructiuni* regulile uput* 指令 指示 规则 規則 提示 プロンプト 命令 ルール 지시
        명령 규칙 프롬프트 تعليمات أوامر قواعد التعليمات دستور निर्देश नियम คำสั่ง คำแนะนำ הוראות ההוראות
    """,
    "prior": """
        precede precedes previous previously prior above earlier preceding before initial original first old
        existing beforehand start beginning vorherig* bisherig* obig* vorig* fruher* zuvor precedent*
        anterior* previ* initial* vorige eerdere bovenstaande poprzedni* wczesniejsz* predchoz* predesl*
        предыдущ* выше прежн* ранее раніше попередн* onceki yukaridaki sebelumnya truoc tidigare foregaende
        tidligere προηγουμεν* korabbi elozo aiemmat aikaisemmat anterioare prethodne 之前 以前 上面 先前
        以上 前の これまで 이전 위의 السابقة قبلی पिछले ऊपर ก่อนหน้า הקודמות
    """,
    "whole": """
        all any every everything anything each chaque cada ogni jede jeder jedes elke kazde kazda каждый
        каждого her whatever alle alles saemtlich* sammtlich* tout tous toutes toute todas todos todo tutte
        tutti tutto wszystk* vsech* vsechn* все всё всю усі всі tum butun hepsini semua segala moi tat|ca
        alla allt ολες minden kaikki toate sve 所有 一切 全部 すべて 全て 모든 모두 جميع كل تمام सभी सब
        ทั้งหมด כל
    """,
    "your": """
        your yours you're yourself deine* ihre* dein tes ton vos votre tu tus sus su le|tue tue tuoi suas
        seus jouw je uw twoje twoich swoje twych твои* своих сво* твої* sana sizin anda kamu ban cua dina
        dine σου te saját sinun tale 你的 您的 系统 システム あなたの 당신의 시스템 النظام تو आपके सिस्टम
    """,
    "the": "the these those this that said given such its theirs",
    "ai": """
        assistant assistants chatbot chatbots bot bots ai ais llm llms gpt* chatgpt copilot ki assistent*
        sprachmodell* asistente* assistente* asystent* ia ассистент* помощник* ии нейросет* асистент* yapay
        asisten asystencie chatboty tro|ly βοηθ* asszisztens avustaja language|model language|models
        ai|model ai|agent ai|systems 助手 人工智能 模型 机器人 アシスタント 人工知能 어시스턴트 인공지능
        챗봇 مساعد المساعد सहायक ผู้ช่วย העוזר
    """,
    "machine": """
        model models agent agents robot robots reader readers crawler crawlers summarizer summariser system
        systems
    """,
    "say": """
        say says saying reply replies replying respond responds responding answer answers answering output
        outputs print prints write writes tell tells telling claim claims insist recommend recommends praise
        echo emit repeat give antworte antworten antwortet sag sage sagt schreib schreibe schreibt gib
        ausgeben reponds repondez repondre repond dis dites dire ecris ecrivez affiche responde responda
        respondas responder contesta conteste di diga decir escribe escriba rispondi rispondere rispondete
        scrivi dici dica escreva dizer antwoord antwoorden zeg schrijf odpowiadaj odpowiedz odpowiadac
        powiedz napisz odpovidej odpovez odpovidat rekni napis отвеча* ответ* скажи* напиши* пиши* говори*
        сообщ* відповід* кажи yaz yazin soyle soyleyin cevapla* cevap yanitla* jawab jawablah katakan tulis
        tra|loi noi svara svar skriv απαντ* πες valaszolj mondd irj vastaa sano kirjoita raspunde spune
        scrie odgovori 回答 回复 回覆 说 告诉 写 输出 答え 言っ 言え 返答 伝え 出力 대답 말하 답하 알려 출력
        답해 أجب قل أخبر اكتب جواب बोलो कहो जवाब लिखो लिखें उत्तर बताओ ตอบ บอก เขียน ענה אמור כתוב
    """,
    "only": """
        only just exactly solely simply nothing always verbatim nur ausschliesslich immer stets bloss
        seulement uniquement toujours rien|que solo solamente unicamente siempre soltanto sempre apenas
        somente alleen altijd enkel tylko wylacznie zawsze jen pouze vzdy только лишь всегда лише завжди
        тільки yalnizca sadece hanya selalu cukup chi luon bara endast alltid kun altid μονο παντα csak
        mindig vain aina doar numai samo 只 仅 只能 总是 だけ のみ 必ず 常に 만 라고만 항상 فقط دائما केवल
        सिर्फ हमेशा เท่านั้น רק תמיד
    """,
    "user": """
        user users user's reader readers visitor visitors customer customers caller everyone everybody
        anyone utilisateur* usuario* utent* benutzer* nutzer* gebruiker* uzytkownik* пользовател*
        користувач* kullanici* pengguna nguoi|dung anvandare* bruger* χρηστ* felhasznalo* kayttaja*
        utilizator* uzivatel* korisnik* 用户 使用者 ユーザー 사용자 المستخدم उपयोगकर्ता ผู้ใช้ המשתמש
    """,
    "asked": """
        said mentioned typed written asked asks ask asking question questions query queries mentions mention
        inquires requests says wants frage fragen fragt gefragt demande pregunta* preguntan domand* chiede
        pergunt* vraag vraagt pyta* pytani* otazk* zept* вопрос* спрос* спрашив* питан* soru* sorar sorarsa
        bertanya pertanyaan hoi fraga* fragar spor* 问 提问 质问 質問 聞かれ 묻 질문 سأل سئلت पूछ ถาม שואל
    """,
    "when": """
        when whenever if once should upon unless until as wenn falls sobald si quand lorsque cuando quando
        se als wanneer gdy jezeli jesli kiedy kdyz pokud если когда якщо коли eger olursa jika bila kalau
        neu khi om nar hvis 如果 当 若 もし たら 場合 만약 때 إذا عندما यदि अगर जब ถ้า เมื่อ אם כאשר
    """,
    "reveal": """
        write|down spell|out hand|over listing showing repeating printing quoting revealing reveal reveals
        repeat repeats print prints show shows display output disclose leak share recite quote translate
        summarise summarize copy dump list tell expose write echo spell read verrate zeige zeig wiederhole
        wiederhol nenne montre montrez repete repetez revele affiche muestra muestrame revela repite mostra
        mostrami ripeti rivela mostre repita toon herhaal onthul pokaz powtorz ujawnij ukaz zopakuj prozrad
        покажи* раскрой* повтори* выведи* goster tekrarla acikla tampilkan ulangi ungkapkan tiet|lo visa
        upprepa avsloja δειξε mutasd nayta arata 显示 透露 重复 泄露 输出 表示 繰り返 公開 教えて 공개 보여
        반복 اكشف اعرض كرر दिखाओ बताओ แสดง הצג חשוף
    """,
    "system": """
        system systems hidden secret initial internal confidential original configuration systemprompt
        sistema systeme систем* sistem system* 系统 系統 システム 시스템 النظام सिस्टम ระบบ המערכת
    """,
    "fromnow": """
        from|now_on from|here_on from|this_point from|this_moment from|now henceforth hereafter ab|jetzt
        ab|sofort desormais dorenavant a|partir_de de|ahora_en a|partir_da d'ora da|ora_in vanaf|nu
        od|tej_pory od|ted_ka od|nynejska отныне впредь с|этого_момента віднині artik bundan|sonra
        mulai|sekarang tu|gio fran|och_med fra|nu_av 从现在 从今 今後 これから 이제부터 지금부터 من|الآن
        अब_से ตั้งแต่ מעכשיו
    """,
    "persona": """
        pretend imagine act roleplay role play plays behave simulate simulating persona character dan
        unfiltered unrestricted uncensored jailbreak jailbroken jailbroke spiel tue verhalte fais joue
        comporte finge actua actue fingi comportati recita finja aja doe speel udawaj zachowuj predstirej
        притворись представь веди вдавай davran berpura dong|vai lat spil 假装 扮演 ふりを 演じ 척 역할
        تظاهر تصرف नाटक
    """,
    "mode": "mode modus modo modalita tryb режим* modu 模式 モード 모드 وضع",
    "banned": """
        refuse refuses refusing refusal refusals decline declines apologise apologize apologies apology
        hesitate forbidden prohibited verweigere refusez rechaza rifiuta recuse weiger odmawiaj odmitej
        отказ* reddet
    """,
    "caveat": "disclaimer disclaimers warning warnings caveat caveats",
    "limits": "restriction restrictions filters limits rules censorship policies boundaries",
    "not": """
        not never don't dont cannot can't mustn't without nothing no nie niemals nicht kein jamais pas nunca
        jamas non mai nao nooit niet nigdy не никогда asla jangan khong aldrig inte 不要 不得 绝不 ないで
        禁止 하지 لا मत อย่า אל
    """,
    "hush": """
        mention mentions reveal disclose secret hidden yourself silent quietly show admit lack absent
        missing
    """,
    "know": """
        know knows information idea help clue unknown weiss sais sabes se so wie wiem vim знаю знаешь
        biliyorum tahu 知道 わから 知り 모른 أعرف पता
    """,
    "fetch": """
        collect gather harvest steal append include insert put add encode attach embed send forward post
        upload email e-mail transmit exfiltrate render display load fetch submit copy pass sende schicke
        envoie envoyez envia manda invia stuur wyslij posli отправ* gonder kirim gui 发送 送信 보내 أرسل
        भेजो
    """,
    "haul": """
        credit|card card|number pin|code iban conversation chat chats history transcript credentials
        password passwords secret secrets gesprach verlauf passwort conversacion contrasena conversazione
        gesprek wachtwoord haslo переписк* пароль* 密码 对话 会話 パスワード 대화 비밀번호
    """,
    "load": """
        log logs question questions message messages token key keys e-mail email card pin context documents
        passages data everything
    """,
    "address": """
        url link links http https image query address server webhook endpoint parameter website ftp mailto
        www
    """,
    "tool": """
        call invoke execute run use trigger function functions tool tools function_call tool_call tool_calls
        arguments delete transfer appelle llama chiama rufe вызови 调用 呼び出
    """,
    "obey": """
        przestrzegaj stosuj обращай dodrzuj kovesd noudata folj folge patuhi tuan|theo 遵守 服从 守 지키
        obey obeys follow heed heeding execute comply carry beachte* befolge halte obeis obeissez obeir
        suivez obedezcas sigas следуй слушай соблюдай obbedire seguire luister gehoorzaam ausfuhren suis
        sigue segui siga volg wykonaj выполни* uygula ikuti 执行 遵循 従 실행 따르 نفذ
    """,
    "decode": """
        decode decoded decodes decrypt base64 rot13 rot-13 hex morse cipher reverse reversed caesar
        unscramble
    """,
    "join": """
        join joined concatenate combine combined merge assemble together both halves half parts pieces
        fragments continued rest part
    """,
    "authority": """
        administrator administrators admin developer developers operator operators vendor creator creators
        openai anthropic google legal authorised authorized authorises authorizes compliance order orders
        priority highest authoritative official notice permission supersedes superseded outdated obsolete
        forged verified management
    """,
    "task": """
        task job mission purpose goal role tarea aufgabe tache compito tarefa taak zadanie задач* gorev 任务
        任務 タスク 임무
    """,
    "answer": """
        answer answers reply replies response responses output antwort antworten reponse reponses respuesta*
        rispost* respost* antwoord odpowied* ответ* 回答 答案 答え 대답 جواب
    """,
    "prompt": """
        prompt prompts systemprompt guideline guidelines instruction instructions message rules
        configuration
    """,
    "cite": "cite cites citing cited citation source sources passage passages document documents",
    "judge": "rate rank score evaluate recommend hire grade describe treat approve accept",
    "best": """
        excellent highest best exceptional flawless outstanding trustworthy superior perfect positive
        favorable favourable glowing
    """,
    "whichever": """
        matter whatever whoever regardless whichever egal peu|importe quoi|que sea|lo qualunque qualsiasi
        qualquer wat|ook niezaleznie apapun ne|olursa ne|sorarsa 无论 無論 不管 何を 어떤 무엇을 مهما
    """,
    "invent": "invent fabricate",
    "abuse": "insult insults mock mocks curse curses swear lie lies deceive threaten",
    "note": """
        note notes message memo instruction instructions notice attention hint reminder advice info dear
        important
    """,
    "you": """
        you du sie tu vous usted voce jij ty вы ты sen siz kamu anda ban 你 您 あなた 당신 너는 أنت तुम आप
        คุณ אתה
    """,
    "told": """
        told said given received instructed learned gesagt dit dijeron detto dito gezegd сказан* written
        asked wrote
    """,
}
_SCRIPTS = r"\u0590-\u0dff\u0e00-\u0eff\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_PIECES = re.compile(f"[{_SCRIPTS}]")
BITS: Mapping[str, int] = {name: 1 << place for place, name in enumerate(WORDS)}
DISGUISED = 1 << len(WORDS)
"""The word has its meaning only in ROT13, backwards or with figures for letters."""
_STRONG = (
    *("override", "order", "prior", "ai", "reveal", "say", "user", "system", "only", "answer"),
    *("asked", "mode", "persona", "prompt", "task"),
)
_TELLING = sum(BITS[name] for name in _STRONG)
_FIRST_SIGN = 0xE000
SIGNS = f"[{chr(_FIRST_SIGN)}-{chr(_FIRST_SIGN + len(WORDS))}]*"
"""Expression for the signs before a word, one for each class that it is of. They are private characters."""
_WORD = re.compile(r"[^\W_]+(?:'[a-z]+)?")
_REMEMBERED = 200_000


def expression(name: str) -> str:
    """Expression for a word of a class in a text that :func:`signed` has made."""
    sign = _FIRST_SIGN + list(WORDS).index(name)
    # Signs stand in their order; each quantifier keeps what it took, so a failure costs no second try.
    before = f"[{chr(_FIRST_SIGN)}-{chr(sign - 1)}]*+" if sign > _FIRST_SIGN else ""
    return f"(?:{before}{chr(sign)}[{chr(sign)}-{chr(_FIRST_SIGN + len(WORDS))}]*+[^\\W{_SCRIPTS}]*+)"


class _Lexicon:
    def __init__(self) -> None:
        self.exact: dict[str, int] = {}
        self.stems: dict[str, list[tuple[str, int]]] = {}
        self.phrases: dict[str, list[tuple[str, int]]] = {}
        self.pieces: dict[str, int] = {}
        self.known: dict[str, int] = {}
        for name, listed in WORDS.items():
            for entry in dict.fromkeys(listed.split()):
                self._add(entry, BITS[name])
        self.piece = re.compile("|".join(sorted(map(re.escape, self.pieces), key=len, reverse=True)))

    def _add(self, entry: str, bit: int) -> None:
        if _PIECES.search(entry):
            self.pieces[entry] = self.pieces.get(entry, 0) | bit
        elif "|" in entry:
            first, rest = entry.split("|")
            self.phrases.setdefault(first, []).append((rest.replace("_", " "), bit))
        elif entry.endswith("*"):
            self.stems.setdefault(entry[:2], []).append((entry[:-1], bit))
        else:
            self.exact[entry] = self.exact.get(entry, 0) | bit

    def plain(self, word: str) -> int:
        found = self.exact.get(word, 0)
        for stem, bit in self.stems.get(word[:2], ()):
            if word.startswith(stem):
                found |= bit
        return found

    def of(self, word: str) -> int:
        """The classes of a folded word, as bits."""
        found = self.plain(word)
        if not found and 4 <= len(word) <= 40 and not word.isdigit():
            turned = (rot13(word), word[::-1]) if word.isalpha() else (unleet(word),)
            if any(self.plain(other) & _TELLING for other in turned):
                found = DISGUISED
        if len(self.known) < _REMEMBERED:
            self.known[word] = found
        return found


_lexicon = _Lexicon()


def meanings(sentence: str) -> tuple[int, list[tuple[int, int]]]:
    """The classes of all words of a folded sentence, as bits; and place and classes of each word that is of any.

    How many words are ``DISGUISED`` is for the caller to count.
    """
    known, of, phrases = _lexicon.known, _lexicon.of, _lexicon.phrases
    total, places = 0, []
    for match in _WORD.finditer(sentence):
        word = match.group()
        found = known.get(word)
        if found is None:
            found = of(word)
        if word in phrases:
            for rest, bit in phrases[word]:
                if sentence.startswith(rest, match.end() + 1):
                    found |= bit
        if found:
            total |= found
            places.append((match.start(), found))
    if not sentence.isascii() and _PIECES.search(sentence):
        for match in _lexicon.piece.finditer(sentence):
            found = _lexicon.pieces[match.group()]
            total |= found
            places.append((match.start(), found))
        places.sort()
    return total, places


@lru_cache(maxsize=20_000)
def _signs(classes: int) -> str:
    return "".join(chr(_FIRST_SIGN + place) for place in range(len(WORDS)) if classes >> place & 1)


def signed(sentence: str, places: Sequence[tuple[int, int]]) -> str:
    """The sentence with the signs of their classes before its words."""
    parts, last = [], 0
    for place, classes in places:
        parts += [sentence[last:place], _signs(classes)]
        last = place
    return "".join([*parts, sentence[last:]])
