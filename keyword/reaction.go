package keyword

import (
	"strings"
	"unicode"
)

// Phones send a reaction as a text with a quotation: Liked “Reply STOP to opt out”.
// The quoted words are ours, not the shopper's; see quote.go.

// A mood is what a reaction expresses.
type mood int

const (
	happy mood = iota + 1
	unhappy
)

// reactionVerbs are what phones write beside the quotation, without emoji: iPhones up
// to iOS 17 a verb for each of six reactions, newer ones and Android's Messages
// "Reacted 👍 to", or the emoji and "to".
var reactionVerbs = func() map[string]mood {
	all := map[string]mood{}
	for mood, lines := range map[mood]string{happy: happyVerbs, unhappy: unhappyVerbs} {
		for line := range strings.Lines(lines) {
			for phrase := range strings.SplitSeq(line, ",") {
				if phrase = plainWords(phrase); phrase != "" {
					all[phrase] = mood
				}
			}
		}
	}
	return all
}()

const happyVerbs = `
liked, loved, laughed at, emphasized, emphasised, reacted to, reacted with to, reacted, removed from, removed a from, removed reaction from, took back from
removed a heart from, removed a like from, removed a laugh from, removed an exclamation from, removed an exclamation mark from, removed a dislike from, removed a question mark from, removed a thumbs up from
removed an emphasis from, reacted with a sticker to, removed a sticker from, liked your message, loved your message, laughed at your message, emphasized your message, reacted to your message, reacted with to your message, like, love, laugh at, emphasize, emphasise
likes, loves, laughs at, emphasizes, to, from
destaco, dudo sobre, le gusto, le gusta, me gusta, me gusto, le encanto, le encanta, me encanta, le dio risa, le da risa, se rio de, se rio con, enfatizo, puso enfasis en, exclamo por, reacciono a, reacciono con a, ha reaccionado a, ha reaccionado con a, elimino de, elimino un corazon de, elimino un me gusta de, elimino una reaccion de, quito de, quito un corazon de, quito un me gusta de, quito una reaccion de, se elimino de, ha eliminado de, quito la reaccion de, a, de, ha indicado que le gusta, ha indicado que le encanta, marco que le gusta, marco que le encanta
a pose une question sur, a retire la reaction a, a retire la reaction de, a retire un cœur de, a supprime un cœur de, a attribue la mention jaime a, a attribue la mention adore a, a attribue la mention a, a aime, aime, a adore, adore, jaime, a ri de, a ri a, a rigole a, a reagi a, a reagi avec a, a reagi par a, a souligne, a mis en evidence, a mis laccent sur, a insiste sur, a retire de, a supprime de, a enleve de, a retire un coeur de, a supprime un coeur de, a retire un jaime de, a supprime un jaime de, a retire une reaction de, a retire un rire de
hat mit auf reagiert, hat auf reagiert, hat mit einem herz auf reagiert, gefallt, gefallt mir, liebt, geliebt, lacht uber, hat gelacht uber, hervorgehoben, betont, hat betont, reagierte auf, reagierte mit auf, hat mit reagiert auf, hat auf reagiert, reagiert auf, reagiert mit auf, hat entfernt von, entfernte von, hat ein herz entfernt von, hat von entfernt, auf, herz entfernt von
curtiu, gostou de, amou, adorou, riu de, deu risada de, enfatizou, reagiu a, reagiu com a, removeu de, removeu um coracao de, removeu a curtida de
ha messo mi piace a, ha messo a, mi piace, piace, a piace, ha adorato, adora, ha riso per, ha riso di, ha enfatizzato, ha sottolineato, ha reagito a, ha reagito con a, ha rimosso da, ha rimosso un cuore da
vond leuk, vindt leuk, heeft leuk gevonden, geweldig gevonden, vond geweldig, moest lachen om, lachte om, benadrukte, heeft benadrukt, reageerde op, reageerde met op, heeft gereageerd op, heeft met gereageerd op, heeft verwijderd van, verwijderde van
gillade, alskade, skrattade at, betonade, reagerade pa, reagerade med pa, tog bort fran, likte, elsket, lo av, fremhevet, reagerte pa, reagerte med pa, fjernet fra, kunne lide, elskede, grinede af, fremhaevede, reagerede pa, reagerede med pa, fjernede fra, tykkasi, rakasti, nauroi, korosti, reagoi, poisti
polubiono, begenildi, polubil, polubila, polubil a, uwielbia, uwielbil, rozesmial, podkreslil, podkreslila, zareagowal na, zareagowala na, zareagowal a na, usunal z, usunela z, libi se, miluje, zasmal se, zduraznil, reagoval na, odebral z
нравится, понравилось, любит, рассмешило, смеется над, подчеркнуто, выделено, реакция на, отреагировал на, отреагировала на, удалено из, подобається, любить
begendi, bayildi, guldu, vurguladi, tepki verdi, kaldirdi, thich, da thich, yeu thich, da yeu thich, cuoi, da cuoi, nhan manh, da nhan manh, da bay to cam xuc voi, nagustuhan, minahal, tumawa sa, nag react sa
喜欢了, 喜欢, 赞了, 爱了, 爱, 笑了, 大笑, 强调了, 强调, 对 做出了回应, 回应了, 对 的回应是, 喜歡, 說讚, 大愛, 強調, 對 傳送了 回應, 移除了
にハートを付けました, いいねと言いました, いいね, にいいねと言いました, を大好きと言いました, が大好きです, に笑いました, を強調しました, にリアクションしました, へのリアクションを削除しました, に リアクション
에 으 로 반응함, 좋아함, 좋아합니다, 사랑함, 웃음, 강조함, 에 반응함, 에 대한 반응
أعجبه, اعجبه, اعجب ب, احب, ضحك على, شدد على, تفاعل مع, אהב, אהב את, אהבה את, צחק על, הדגיש, הגיב ל, पसंद किया, प्यार किया
`

const unhappyVerbs = `
disliked, questioned, dislike, question, disliked your message, questioned your message, dislikes, questions, no le gusto, no le gusta, no me gusta, cuestiono, pregunto por, pregunto sobre, puso en duda
na pas aime, naime pas, a deteste, a mis en doute, a questionne, a interroge, sest interroge sur, gefallt nicht, gefallt mir nicht, hinterfragt, hat hinterfragt, nao gostou de, nao curtiu, questionou, non piace, ha messo non mi piace a, ha messo in dubbio, ha messo in discussione, vond niet leuk, zette vraagtekens bij, ogillade, ifragasatte, mislikte, stilte sporsmal ved, kunne ikke lide
nie polubil, nie lubi, zakwestionowal, не нравится, сомневается, 不喜欢, 不喜歡, 踩了, 质疑, 質疑, 好きではない, 싫어함, begenmedi, sorguladi, khong thich
`

// friendlyEmoji need no answer.
const friendlyEmoji = "👍👌🙏❤♥🧡💛💚💙💜🖤🤍🤎😀😃😄😁😆😅😊🙂☺😍🥰😘🤗🙌👏🎉💕💖💗💯🔥✅✔😂🤣😎🤩😇✨🫶🤝🥳🥹🎊💪☕🩷🩵🌟⭐💐🌹😋🤤🫡👋🎁"

// reactionVerb returns the key for reactionVerbs from the words outside a quotation.
func reactionVerb(outside string) string {
	words := plainWords(outside)
	for left := words; ; {
		if reactionVerbs[left] != 0 {
			return left
		}
		// Bridges between networks add the shopper's name in front.
		name, rest, more := strings.Cut(left, " ")
		if !more || ownWords[name] || strings.Count(words, " ")-strings.Count(rest, " ") > 2 || len(rest) < len("liked") {
			return words
		}
		left = rest
	}
}

// ownWords stand before a verb only if the shopper wrote it.
var ownWords = set(`i we you they never really also not dont who what it that this was would id ive to and but really always`)

// readReaction reads reactions, copies of our texts and texts without words.
func readReaction(u utterance, kind quotation) (Meaning, bool) {
	outside := ""
	if kind != notQuoted || strings.Count(u.words, " ") < 6 {
		outside = reactionVerb(u.folded)
	}
	switch {
	case kind == copiesUs:
		if silenceOf(u) == None {
			return Meaning{Intent: Machine}, true
		}
		return Meaning{Silence: Possible, Intent: Machine}, true
	case kind == quotesUs && (reactionVerbs[outside] != 0 || hasEmoji(u.folded) && strings.Count(outside, " ") < 3 && u.readIntent(State{}).Intent == Unknown && !u.question && silenceOf(u) == None):
		if reactionVerbs[outside] == unhappy || emojiMood(u.folded) == unhappy && !strings.HasPrefix(outside, "remov") {
			if strings.ContainsAny(u.folded, refusalEmoji) {
				return Meaning{Silence: Possible, Intent: Machine}, true
			}
			return Meaning{Intent: Machine}, true
		}
		return Meaning{Intent: Nothing}, true
	case kind == quotesUs && outside != "" && strings.Count(outside, " ") < 3 && u.readIntent(State{}).Intent == Unknown && !u.question && !strings.ContainsAny(outside, "0123456789") && silenceOf(u) == None:
		return Meaning{Intent: Machine}, true // an unknown verb, or a few words of the shopper's
	case imageReaction(outside) == happy:
		return Meaning{Intent: Nothing}, true
	case imageReaction(outside) == unhappy:
		return Meaning{Intent: Machine}, true
	case u.words != "":
		return Meaning{}, false
	}
	switch emojiMood(u.folded) {
	case happy:
		return Meaning{Intent: Nothing}, true
	case unhappy:
		if strings.ContainsAny(u.folded, refusalEmoji) {
			return Meaning{Silence: Possible, Intent: Nothing}, true
		}
	}
	return Meaning{Intent: Unknown}, true
}

// refusalEmoji may be a wish for silence.
const refusalEmoji = "🛑⛔🚫✋🖐🤚🙅🔇🔕🖕🤬😡😠👎🤐🤫❌✖"

// emojiMood returns happy if all emoji are friendly, 0 if there are none.
func emojiMood(s string) (m mood) {
	for _, r := range s {
		switch {
		case !unicode.In(r, unicode.So) && r != '?':
		case !strings.ContainsRune(friendlyEmoji, r):
			return unhappy
		default:
			m = happy
		}
	}
	return m
}

// silenceOf returns the silence that an utterance asks for, in a word or in words.
func silenceOf(u utterance) Silence {
	if m, ok := readDecoratedWord(u); ok {
		return m.Silence
	}
	return findSilence(u).level
}

// imageReaction returns the mood of a reaction to something other than a text, as in
// "Loved an image".
func imageReaction(outside string) mood {
	for _, thing := range []string{" an image", " a link", " a location", " a contact", " a file", " a photo", " a picture", " an attachment", " a movie", " a video", " an audio message", " a message", " a sticker", " una imagen", " una foto", " un video", " une image", " une photo", " une video", " ein bild", " uma imagem", " unimmagine"} {
		if verb, ok := strings.CutSuffix(outside, thing); ok && verb != "to" && verb != "from" && verb != "a" && verb != "de" {
			return reactionVerbs[verb]
		}
	}
	return 0
}
