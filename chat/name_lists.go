package chat

import "strings"

// notGivenNames are words that are found in place of a given name.
var notGivenNames = strings.Fields(`
test tester testing demo dummy sample example guest guests customer customers client shopper buyer user username admin administrator webmaster
info sales support contact contacts orders order accounts account billing shipping recipient receiver the a an and or of at in on to for from by with
via re fwd cc attn attention att co care
first last full given middle surname forename name nickname mom mum mama dad papa mother father wife husband son daughter brother sister grandma
grandpa granny nana aunt uncle cousin baby boss
home house work office mobile cell phone telephone tel landline fax handy whatsapp text sms message email mail web website online
me my mine myself our ours your yours you his her hers their us we he she they it this that these those here there
no not none yes ok okay hello hi hey dear greetings thanks thank please sorry welcome congratulations happy merry birthday
family familie familia famille famiglia rodzina household resident residents occupant owner tenant tenants neighbor neighbour landlord roommate
valued loyal new old current existing former future potential unknown anonymous anon private personal public general main primary secondary default
other another misc miscellaneous various temp temporary
gift gifts present surprise front back rear side door desk reception receptionist lobby concierge doorman mailroom mailbox security guard manager
management director supervisor assistant secretary ceo cfo staff employee employees driver courier delivery pickup dropoff warehouse kitchen bar
city town village state county country street st avenue ave road rd lane drive apt apartment suite unit floor room building block tower north south
east west los las san santa saint
reply click free win winner won claim stop start unsubscribe subscribe subscriber urgent important call visit buy sell sale discount offer promo bonus
cash prize deal deals track
asdf asdfgh asd qwerty qwertz qwe abc abcd foo baz lorem ipsum fake bogus deleted delete removed remove invalid error pending cancelled canceled
refunded fraud spam blocked blacklist
wholesale retail amazon ebay etsy shopify paypal google apple facebook instagram tiktok walmart fedex ups usps dhl klarna stripe venmo recharge
gorgias
iphone ipad android samsung pixel galaxy nokia huawei
herrn eheleute firma kunde kundin gast bitte hallo liebe lieber danke büro empfang geschenk für von zuhause arbeit mein meine unbekannt
cliente señores casa trabajo oficina para regalo hola gracias mi su desconocido ventas pedido pedidos
maison bureau pour cadeau bonjour merci mon ma votre inconnu invité accueil
`)

// deviceWords follow a name when it is a device's or an order's: "Jane's iPhone".
var deviceWords = strings.Fields("iphone ipad phone mobile cell android samsung pixel galaxy tablet computer laptop handy telefon assistant order gift")

// commonNames are common given names, see areGivenNames and isJoinedName.
var commonNames = strings.Fields(`
james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark donald steven paul andrew joshua kenneth
kevin brian george edward ronald timothy jason jeffrey ryan jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel
gregory frank alexander raymond patrick jack dennis jerry tyler aaron jose adam nathan henry douglas zachary peter kyle walter ethan jeremy harold
keith christian roger noah gerald carl terry sean austin arthur lawrence jesse dylan bryan joe jordan billy bruce albert willie gabriel logan alan
juan wayne roy ralph randy eugene vincent russell elijah louis bobby philip johnny bob tom tim jim mike dan dave steve rob bill ben sam matt nick alex
max leo liam lucas oliver oscar hugo felix emil jan lars sven hans karl otto fritz jürgen klaus wolfgang stefan
mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty margaret sandra ashley kimberly emily donna michelle carol
amanda dorothy melissa deborah stephanie rebecca sharon laura cynthia kathleen amy angela shirley anna brenda pamela emma nicole helen samantha
katherine christine debra rachel carolyn janet catherine maria heather diane ruth julie olivia joyce virginia victoria kelly lauren christina joan
evelyn judith megan andrea cheryl hannah jacqueline martha gloria teresa ann sara madison frances kathryn janice jean abigail alice julia judy sophia
grace denise amber doris marilyn danielle beverly isabella theresa diana natalie brittany charlotte marie kayla alexis lori jane kate eva lea mia zoe
lucy ella lily chloe sofia ana luz carmen elena ines lucia paula rosa pilar clara greta heidi ingrid ursula sabine petra monika
`)
