package keyword

import "strings"

// silenceWords are the words of wishes for silence, politeness and anger. A text
// with any other word may have a second wish: "stop texting me you charged my card".
var silenceWords = set(`
	stop stopall stopped stopping quit cease halt end no not nope more less dont do doesnt never any all every each everything anything nothing none enough it this that these those them the a an of to from for on in at out off up about by via with and or as so is are be am was were been im i ive ill id me my mine myself we us our you your yours yall guys people they he she who
	text texts texting texted textos txting message messages messaging sms mms msg notification notifications alert alerts spam spamming promo promos promotions promotional marketing ads offers reminders contact contacting contacted communications list lists mailing number numbers phone cell mobile line device thread database system records file name waitlist inbox brew co brewco
	remove removed removing unsubscribe unsubscribed unsub unenroll opt opted optout delete deleted erase scratch take taken get getting drop leave leaving let alone send sending sent receive receiving received want wanted wants need like wish would can could will wont must should please kindly now immediately already again anymore ever forever time times last once still here right away today asap permanently ok okay yes
	sorry thanks thank hi hello hey sir maam god gods lord love sake omg wtf jfc ffs ugh bro bruh dude man buddy just really very only have has had did didnt said say told tell asked ask asking thats its there bye goodbye cut think believe guess plait reply respond
	fuck fucking f freaking frigging damn dang shit crap bullshit hell ass asshole assholes bitch idiots stupid dumb annoying annoyed sick tired hate
	but communication revoke consent permission request how make makes why got guy means mean period exclamation point per pay driving funeral honor signed sign back nonsense lake throw going few months
	number phone wrong person landline not interested thing whatever honor bless iphone galaxy
	al mi mis numero telefono celular lista listas como hago dejo estos lleguen su sus de la el los las le les que ya mas no nada quiero deseo recibir por favor porfa baja darme denme deme dame quitar quiten quiteme borren borre borrar eliminar ustedes ustedes mensajes textos basta alto paren pare gracias este esta estos sistema carajo chinguen madre equivocado voy hago
	aux comment ta enleve dossiers textos ces effacez desabonne mon ma mes le la les des du vos votre vous je ne pas plus jamais rien veux recevoir liste textos messages sms svp sil te plait merci arretez arreter arret retirer retirez supprimer enlevez enlever elimine desinscrire desinscrivez desabonner desabonnez nom sinon suffit moi nous ca tout porte plainte
`)

// onlySilence reports whether words are a wish for silence and nothing else.
func onlySilence(words string) bool {
	words = removal.ReplaceAllString(wantsSilence.ReplaceAllString(words, " "), " ")
	for word := range strings.FieldsSeq(words) {
		if !silenceWords[word] && strings.Trim(word, "0123456789&/") != "" {
			return false
		}
	}
	return true
}
