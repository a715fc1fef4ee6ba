@integrity @pci-6.2.4 @cwe-472 @cwe-602 @asvs-V2.2.1 @asvs-V2.2.2 @wstg-BUSL-10
Feature: The shop sets the price, not the shopper's browser

  Everything that comes from a browser can be changed there. A price that travels through it is an offer to the
  attacker, not a price.

  @critical @defect-C01
  Scenario Outline: A basket that brings <tampering> is not cheaper for it
    When an attacker orders goods of 49.99 EUR with <tampering>
    Then no order was taken for less than 49.99 EUR
    And the answer is no error of the server

    Examples:
      | tampering               |
      | a price of their own    |
      | a total of their own    |
      | a discount of their own |

  @critical @defect-C01 @cwe-915 @asvs-V15.3.3
  Scenario: A basket that claims to be paid is not
    When an attacker orders goods of 49.99 EUR with a state that says paid
    Then no order was taken as paid
    And the answer is no error of the server

  @high @defect-C02 @cwe-20
  Scenario Outline: A basket with <quantity> is refused
    When an attacker orders <quantity>
    Then the answer is a refusal, not an error of the server
    And no order was taken

    Examples:
      | quantity                                  |
      | no piece of an article                    |
      | minus one piece of an article             |
      | one and a half pieces of an article       |
      | ten thousand million pieces of an article |
      | a number of pieces in letters             |

  @high @defect-C02 @cwe-20
  Scenario: A negative quantity of one article does not pay for another
    When an attacker orders one piece of an article and minus one of it
    Then the answer is a refusal, not an error of the server
    And no order was taken

  @high @defect-C03
  Scenario: A currency that the shop does not sell in is refused
    When an attacker orders an article in a currency that the shop does not know
    Then the answer is a refusal, not an error of the server
    And no order was taken

  @high @defect-C03 @defect-F07
  Scenario: The price follows the currency, not the number
    Given a shopper with an unpaid order of 5000 JPY
    When the shopper starts to pay
    Then the provider was asked for 5000 JPY

  @medium @defect-C10 @cwe-20
  Scenario: An article that does not exist is refused
    When an attacker orders an article that does not exist
    Then the answer is a refusal, not an error of the server
    And no order was taken

  @high @defect-F10 @cwe-367 @asvs-V2.3.3
  Scenario: The basket cannot grow once the payment was started
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    When the shopper changes the order to 3 pieces
    And the shopper pays with a Visa card
    Then the order is never fulfilled for less than it costs

  @high @defect-F10 @defect-C06
  Scenario: A basket that changed before the payment is charged as it is now
    Given a shopper with an unpaid order of 19.99 EUR
    When the shopper changes the order to 3 pieces
    And the shopper pays with a Visa card
    Then the order is paid
    And the provider has 59.97 EUR captured
